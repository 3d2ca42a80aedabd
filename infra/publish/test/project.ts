import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../src/packages.ts'

const run = promisify(execFile)
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const require = createRequire(import.meta.url)
const SOCKET_IO = dirname(require.resolve('socket.io-client/package.json'))

/** As somebody outside this repository would write it; no types but those of the language, the browser and the package. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    module: 'nodenext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    outDir: 'out',
    rootDir: '.',
  },
}

/** A project with the tarballs installed, and socket.io-client, which is nobody's dependency, beside them. */
export async function freshProject(folder: string, tarballs: string[]): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: folder })
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  await symlink(SOCKET_IO, join(folder, 'node_modules/socket.io-client'))
}

/** Writes the programs there and compiles them to `out/<name>.js`; rejects with what the compiler says. */
export async function compile(folder: string, programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, code] of Object.entries(programs)) await writeFile(join(folder, `${name}.ts`), code)
  try {
    await run(process.execPath, [TSC, '--project', folder])
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout, { cause: error })
  }
}

/** What a program prints; rejects where it fails. */
export async function output(folder: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(folder, program), ...args], {
    cwd: folder,
    timeout: 30_000,
  })
  return stdout
}
