import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { type ChildServer, childServer } from './child-server.ts'
import { freePort } from './port.ts'
import { findServer } from './servers.ts'
import { tempDir } from './temp.ts'

/** A Redis of one test file, on one port for as long as it is there. */
export interface LiveRedis extends ChildServer, AsyncDisposable {
  port: number
  /** `redis://127.0.0.1:<port>` */
  url: string
  /** As every server's; without data unless it was told to keep them. */
  start(): Promise<void>
}

export interface RedisOptions {
  /** A configuration file, which a Sentinel writes to. */
  config?: string
  /** A free one unless told. */
  port?: number
  /** More of the command line, such as `['--cluster-enabled', 'yes']`. */
  args?: string[]
}

/** Whether a Redis answers there; one that loads its data, or wants a password, answers too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => settle(false))
    socket.once('data', (data) => settle(/^(\+PONG|-NOAUTH)/.test(data.toString())))
    socket.once('error', () => settle(false))
  })
}

/** Starts a Redis on a free port, with nothing kept on disk. */
export async function liveRedis({ config, port: wanted, args = [] }: RedisOptions = {}): Promise<LiveRedis> {
  const program = findServer('redis-server')
  if (!program) throw new Error('redis-server is not installed')
  const dir = await tempDir()
  const port = wanted ?? (await freePort())
  const flags = config === undefined ? ['--save', ''] : [config]
  flags.push('--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir.path, ...args)
  const server = childServer({
    name: 'redis-server',
    launch: () => spawn(program, flags, { stdio: 'ignore' }),
    answers: () => answers(port),
  })
  await server.start()
  return {
    ...server,
    port,
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await server.kill()
      await dir[Symbol.asyncDispose]()
    },
  }
}
