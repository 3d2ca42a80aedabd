import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '@switchboard/testing/port'
import { onCore } from './machine.ts'

export interface ServerProcess extends AsyncDisposable {
  pid: number
  port: number
}

export interface ServerOptions {
  /** The command that listens on the port. */
  command(port: number): readonly string[]
  env?: Record<string, string>
  core: string | undefined
}

/** Milliseconds; a first start makes a database. */
const START_PATIENCE_MS = 60_000
/** Milliseconds that a server has to go by itself. */
const STOP_PATIENCE_MS = 5_000
/** Characters of its output that are told where it fails. */
const OUTPUT_KEPT = 2_000

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Starts a server on a free port and waits until it accepts connections. */
export async function startServer({ command, env = {}, core }: ServerOptions): Promise<ServerProcess> {
  const port = await freePort()
  const [program = '', ...args] = onCore(core, command(port))
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', PORT: `${port}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killChild = () => child.kill('SIGKILL')
  process.once('exit', killChild)
  child.once('exit', () => process.off('exit', killChild))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_KEPT)
    })
  const gone = () => child.exitCode !== null || child.signalCode !== null
  const stop = async (): Promise<void> => {
    if (gone()) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(killChild, STOP_PATIENCE_MS)
    await exited
    clearTimeout(timer)
  }
  child.on('error', (error) => {
    output += error.message
  })
  for (const deadline = Date.now() + START_PATIENCE_MS; !(await accepts(port)); ) {
    if (child.pid === undefined || gone()) throw new Error(`it ended as it started: ${output.trim()}`)
    if (Date.now() > deadline) {
      killChild()
      throw new Error(`it did not listen within a minute: ${output.trim()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  if (child.pid === undefined) throw new Error('it has no pid')
  return { pid: child.pid, port, [Symbol.asyncDispose]: stop }
}
