import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { copyNatives, NATIVE } from './natives.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The embedded database: a container has PostgreSQL, and kit loads these where there is none. */
const LEFT_OUT = ['@electric-sql/pglite', 'pglite-prisma-adapter']

/** `packages/auth` of `packages/auth/src/accounts.ts`. */
const packageOf = (file: string): string => file.split('/').slice(0, 2).join('/')

/**
 * A module's `import.meta.url` stays what it was, seen from the root of the repository, which is where the bundle lies.
 * The folders of its own package that it names so are put into `files`, relative to the root.
 */
function ownUrls(files: Set<string>): Plugin {
  return {
    name: 'own-urls',
    transform: {
      filter: { id: /\.ts$/, code: /import\.meta\.url/ },
      handler(code, id) {
        const file = relative(ROOT, id)
        for (const [, path = ''] of code.matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)) {
          const named = join(dirname(file), path)
          if (named.startsWith(`${packageOf(file)}/`)) files.add(named)
        }
        return code.replaceAll('import.meta.url', `new URL('./${file}', import.meta.url).href`)
      },
    },
  }
}

/**
 * Writes a program (`services/chat/src/main.ts`) to `folder` as `main.js`, with all that it imports, and beside it what
 * it reads: migrations, and the packages that hold machine code. Nothing else is needed to run it.
 */
export async function bundle(program: string, folder: string): Promise<void> {
  const files = new Set<string>()
  const build = await rolldown({
    input: join(ROOT, program),
    platform: 'node',
    external: [...LEFT_OUT, NATIVE],
    plugins: [ownUrls(files)],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  const file = join(folder, basename(program).replace(/\.ts$/, '.js'))
  await build.write({ file, format: 'esm', codeSplitting: false })
  await build.close()
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
  for (const path of files) await cp(join(ROOT, path), join(folder, path), { recursive: true })
  await copyNatives(join(ROOT, 'packages/auth'), folder)
}
