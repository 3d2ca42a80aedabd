import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findPrograms } from '../find-program.ts'
import { packageFolder, packageVersion } from './package-version.ts'
import { peer, peerFile } from './peer.ts'
import type { Server } from './subject.ts'

const PACKAGE = '@trufflesuite/uws-js-unofficial'

/** Without its binary the package would serve with a slow imitation, so the binary itself is tried. */
const TRY = `
const { platform, arch, versions } = process
require(process.argv[1] + '/uws_' + platform + '_' + arch + '_' + versions.modules + '.node')
console.log(process.version)`

interface Loader {
  node: string
  version: string
}

let found: Loader | 'none' | undefined

/** The first Node, ours or one on the PATH, that loads the binary of the package. */
function findLoader(): Loader | undefined {
  found ??= look() ?? 'none'
  return found === 'none' ? undefined : found
}

function look(): Loader | undefined {
  const folder = packageFolder(PACKAGE)
  if (folder === undefined) return undefined
  for (const node of [process.execPath, ...findPrograms('node')]) {
    const { status, stdout } = spawnSync(node, ['-e', TRY, join(folder, 'binaries')])
    if (status === 0) return { node, version: stdout.toString().trim() }
  }
  return undefined
}

/** uWebSockets.js; the newest that npm has with a binary for Debian 12 is for Node 20. */
export const uws: Server = peer('uws', {
  version: () => `uWebSockets.js ${packageVersion(PACKAGE)} on Node ${findLoader()?.version}`,
  missing() {
    if (packageFolder(PACKAGE) === undefined) return `${PACKAGE}, which is optional, is not installed`
    return findLoader() ? undefined : 'no Node on the PATH loads its binary; Node 20 would'
  },
  wire: 'room',
  command: () => [
    findLoader()?.node ?? 'node',
    '--expose-gc',
    '--require',
    peerFile('collect-on-signal.cjs'),
    peerFile('uws.cjs'),
  ],
})
