import { cp, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Holds machine code, so it is copied as it is: a package that loads the one made for this machine. */
export const NATIVE = '@node-rs/argon2'

/** The folder of `name` as `from`, a package's folder, finds it; `undefined` where it is not installed. */
function find(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

/** Copies the native package that `owner`, a package's folder, depends on, and what it needs on this machine, below `folder`. */
export async function copyNatives(owner: string, folder: string): Promise<void> {
  const found = find(NATIVE, owner)
  if (found === undefined) throw new Error(`${NATIVE} is not installed`)
  const home = await realpath(found)
  const { optionalDependencies = {} } = createRequire(join(home, 'package.json'))('./package.json') as {
    optionalDependencies?: Record<string, string>
  }
  for (const name of [NATIVE, ...Object.keys(optionalDependencies)]) {
    const package_ = name === NATIVE ? home : find(name, home)
    if (package_ === undefined) continue
    await cp(await realpath(package_), join(folder, 'node_modules', name), { recursive: true })
  }
}
