import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** Bytes of what a page loads when it imports all of these entries of the installed package: minified and gzipped. */
export async function gzippedSize(folder: string, entries: readonly string[]): Promise<number> {
  const program = entries.map((entry) => `export * as ${entry} from '@switchboard/sdk/${entry}'`).join('\n')
  const build = await rolldown({
    input: 'all',
    cwd: folder,
    platform: 'browser',
    external: ['socket.io-client'],
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === 'all' ? join(folder, 'all.js') : null),
        load: (id) => (id === join(folder, 'all.js') ? program : null),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
  await build.close()
  return gzipSync(output[0].code, { level: 9 }).length
}
