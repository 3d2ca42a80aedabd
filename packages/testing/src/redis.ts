import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { endWithTest } from './children.ts'
import { freePort } from './port.ts'
import { findServer } from './servers.ts'
import { tempDir } from './temp.ts'

/** A Redis of one test file, on one port for as long as it is there. Its signals are what goes wrong with real ones. */
export interface LiveRedis extends AsyncDisposable {
  port: number
  /** `redis://127.0.0.1:<port>` */
  url: string
  /** Starts it where it is not running, without data unless it was told to keep them; resolves once it answers. */
  start(): Promise<void>
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>
  /** SIGSTOP: its connections stay open, and nothing answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
}

export interface RedisOptions {
  /** A configuration file, which a Sentinel writes to. */
  config?: string
  /** A free one unless told. */
  port?: number
  /** More of the command line, such as `['--cluster-enabled', 'yes']`. */
  args?: string[]
}

const PATIENCE_MS = 30_000

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
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    if (server && server.exitCode === null && server.signalCode === null) return
    server = spawn(program as string, flags, { stdio: 'ignore' })
    const child = server
    endWithTest(child)
    for (const deadline = Date.now() + PATIENCE_MS; !(await answers(port)); ) {
      if (child.exitCode !== null) throw new Error(`redis-server exited with ${child.exitCode}`)
      if (Date.now() > deadline) throw new Error('redis-server did not answer within 30 s')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGCONT')
    server.kill(signal)
    await exited
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      await dir[Symbol.asyncDispose]()
    },
  }
}
