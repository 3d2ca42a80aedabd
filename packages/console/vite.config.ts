import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { ROUTES } from '@switchboard/protocol/gateway'
import { defineConfig, type Plugin } from 'vite'

/** Below this many bytes a header costs what compression gains. */
const WORTH_IT_BYTES = 1024

/** Beside each file the same compressed, for gateways that serve files as they lie there. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    async writeBundle({ dir = '' }, files) {
      for (const [name, file] of Object.entries(files)) {
        const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source)
        if (bytes.length < WORTH_IT_BYTES) continue
        const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION })
        await writeFile(join(dir, `${name}.gz`), packed)
      }
    },
  }
}

export default defineConfig({
  plugins: [compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // No data: URL, so that the policy can do without.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `pnpm --filter @switchboard/console dev`, beside a `pnpm start`.
  server: {
    proxy: Object.fromEntries(
      Object.keys(ROUTES).map((path) => [path, { target: 'http://127.0.0.1:8080', ws: true }]),
    ),
  },
})
