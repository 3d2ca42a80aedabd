import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { failOnWarning } from './fail-on-warning.ts'
import { licences } from './licences.ts'
import { folderOf } from './packages.ts'

/** Faster variants that `ws` takes where somebody installed them. */
const OPTIONAL = ['bufferutil', 'utf-8-validate', 'supports-color']

/** Writes the relay command as one file, so that `npx` fetches one package, with the licences of what went in. */
export async function buildCommand(dist: string): Promise<void> {
  const build = await rolldown({
    input: join(folderOf('relay-cli'), 'src/main.ts'),
    platform: 'node',
    external: OPTIONAL,
    plugins: [licences()],
    onLog: failOnWarning,
  })
  await build.write({ file: join(dist, 'main.js'), format: 'esm', codeSplitting: false, minify: true })
  await build.close()
}
