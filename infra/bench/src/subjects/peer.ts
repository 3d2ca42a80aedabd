import { fileURLToPath } from 'node:url'
import type { Prepared, WireName } from '../load/wires.ts'
import { startServer } from '../server-process.ts'
import { packageVersion } from './package-version.ts'
import type { Server } from './subject.ts'

export interface PeerOptions {
  version(): string
  missing?(): string | undefined
  wire: WireName
  prepared?: Prepared
  command(port: number): readonly string[]
  /** Default: true. */
  collectsOnSignal?: boolean
}

/** A server that is not ours, with one process. */
export function peer(name: string, options: PeerOptions): Server {
  const {
    version,
    missing = () => undefined,
    wire,
    prepared = {},
    command,
    collectsOnSignal = true,
  } = options
  return {
    name,
    version,
    missing,
    async start({ cores }) {
      const server = await startServer({ core: cores?.server, command })
      const { port, pid } = server
      return {
        target: { ports: [port], pids: [pid], wire, prepared, collectsOnSignal },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    },
  }
}

const COLLECT_ON_SIGNAL = fileURLToPath(new URL('../../peers/collect-on-signal.cjs', import.meta.url))

export const peerFile = (file: string): string =>
  fileURLToPath(new URL(`../../peers/${file}`, import.meta.url))

/** A server in `peers/`, on the Node that runs this; `module` is the package that it is made with. */
export const nodePeer = (
  name: string,
  { file, module, ...rest }: { file: string; module: string } & Pick<PeerOptions, 'wire' | 'prepared'>,
): Server =>
  peer(name, {
    ...rest,
    version: () => `${module} ${packageVersion(module)}`,
    command: () => [process.execPath, '--expose-gc', '--require', COLLECT_ON_SIGNAL, peerFile(file)],
  })
