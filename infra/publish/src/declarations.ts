import { execFile } from 'node:child_process'
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './packages.ts'

const PROTOCOL = '@switchboard/protocol/'

const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc')

/** Below `types/` the declarations lie as their sources do below `packages/`: `types/sdk/src/relay.d.ts`. */
async function compile(sources: string[], types: string): Promise<void> {
  await mkdir(types, { recursive: true })
  const config = join(types, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(ROOT, 'packages'),
    outDir: types,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    // What is found below node_modules would count as declared elsewhere.
    paths: { [`${PROTOCOL}*`]: [join(ROOT, 'packages/protocol/src/*.ts')] },
  }
  const extended = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files: sources }
  await writeFile(config, JSON.stringify(extended))
  try {
    await promisify(execFile)(process.execPath, [COMPILER, '--project', config])
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? 'tsc failed', { cause: error })
  } finally {
    await rm(config)
  }
}

/** `./core/errors.ts` is `./core/errors.js` for whoever has only declarations, and protocol's lie beside them. */
function relink(text: string, folder: string, types: string): string {
  return text.replace(/(from |import\()'([^']+)'/g, (found, start: string, specifier: string) => {
    const isProtocol = specifier.startsWith(PROTOCOL)
    if (!isProtocol && !specifier.startsWith('.')) return found
    const path = isProtocol
      ? relative(folder, join(types, 'protocol/src', specifier.slice(PROTOCOL.length))).replaceAll(sep, '/')
      : specifier.replace(/\.ts$/, '')
    return `${start}'${path}.js'`
  })
}

/** Writes `<dist>/<entry>.d.ts` for each entry, and all that they name below `<dist>/types`. */
export async function writeDeclarations(
  entries: Readonly<Record<string, string>>,
  dist: string,
): Promise<void> {
  const types = join(dist, 'types')
  await compile(Object.values(entries), types)
  for await (const file of glob('**/*.d.ts', { cwd: types })) {
    const path = join(types, file)
    await writeFile(path, relink(await readFile(path, 'utf8'), dirname(path), types))
  }
  for (const [entry, source] of Object.entries(entries)) {
    const declared = relative(join(ROOT, 'packages'), source).replace(/\.ts$/, '.js')
    await writeFile(join(dist, `${entry}.d.ts`), `export * from './types/${declared}'\n`)
  }
}
