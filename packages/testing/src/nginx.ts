import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { endWithTest } from './children.ts'
import { freePort } from './port.ts'
import { findServer } from './servers.ts'
import { tempDir } from './temp.ts'

/** An nginx in the foreground, as a child of the test. */
export interface LiveNginx extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  url: string
  port: number
  /** What it wrote to its error log, standard error, until now. */
  errors(): string
  /** SIGTERM: connections are cut. */
  stop(): Promise<void>
  /** Resolves once it takes connections. */
  start(): Promise<void>
}

/** What a configuration has to name to run below a folder of its own, by a user who may be anybody. */
export interface Place {
  /** Where it listens: `127.0.0.1:<port>`. */
  listen: string
  /** An existing folder for its pid file and what it buffers. */
  folder: string
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * Starts nginx with the configuration that `render` makes for its place.
 *
 * @throws with the words of `nginx -t` where the configuration is none
 */
export async function liveNginx(render: (place: Place) => string): Promise<LiveNginx> {
  const program = findServer('nginx')
  if (!program) throw new Error('nginx is not installed')
  const dir = await tempDir()
  // Its workers are nobody where this is root, and they buffer in folders below.
  await chmod(dir.path, 0o755)
  const port = await freePort()
  const file = join(dir.path, 'nginx.conf')
  await writeFile(file, render({ listen: `127.0.0.1:${port}`, folder: dir.path }))
  const flags = ['-p', dir.path, '-c', file, '-e', 'stderr']
  await promisify(execFile)(program, ['-t', ...flags])
  let server: ChildProcess | undefined
  let errors = ''

  async function start(): Promise<void> {
    server = spawn(program as string, [...flags, '-g', 'daemon off;'], {
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    endWithTest(server, 'SIGTERM')
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    for (const deadline = Date.now() + 10_000; !(await accepts(port)); ) {
      if (server.exitCode !== null) throw new Error(`nginx exited with ${server.exitCode}: ${errors}`)
      if (Date.now() > deadline) throw new Error(`nginx did not listen within 10 s: ${errors}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function stop(): Promise<void> {
    const stopping = server
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return
    const exited = once(stopping, 'exit')
    stopping.kill('SIGTERM')
    await exited
  }

  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    errors: () => errors,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await dir[Symbol.asyncDispose]()
    },
  }
}
