import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/** Where a dependency is installed, or `undefined`. Not every package lets its package.json be resolved. */
export function packageFolder(name: string): string | undefined {
  const folders = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name))
  return folders.find((folder) => manifest(folder) !== undefined)
}

export function packageVersion(name: string): string {
  const folder = packageFolder(name)
  return (folder === undefined ? undefined : manifest(folder)?.version) ?? 'not installed'
}

function manifest(folder: string): { version: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  } catch {
    return undefined
  }
}
