import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { writeDeclarations } from './declarations.ts'
import { failOnWarning } from './fail-on-warning.ts'
import { folderOf, readManifest } from './packages.ts'

/** The entries of the SDK and their sources: `relay` to `<root>/packages/sdk/src/relay.ts`. */
function entries(): Record<string, string> {
  const exported = Object.entries(readManifest('sdk').exports ?? {})
  return Object.fromEntries(
    exported.map(([entry, source]) => [entry.replace('./', ''), join(folderOf('sdk'), source)]),
  )
}

/**
 * Writes `dist/<entry>.js`, what several entries share beside them, and `dist/<entry>.d.ts`. The parts of
 * `@switchboard/protocol` that it uses go in, so that whoever installs the SDK installs nothing else; `socket.io-client`
 * stays a peer.
 */
export async function buildLibrary(dist: string): Promise<void> {
  const build = await rolldown({
    input: entries(),
    platform: 'neutral',
    external: ['socket.io-client'],
    onLog: failOnWarning,
  })
  await build.write({ dir: dist, format: 'esm', chunkFileNames: 'shared/[name]-[hash].js' })
  await build.close()
  await writeDeclarations(entries(), dist)
}
