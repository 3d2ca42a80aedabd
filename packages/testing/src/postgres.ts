import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { endWithTest } from './children.ts'
import { freePort } from './port.ts'
import { findServer } from './servers.ts'
import { tempDir } from './temp.ts'

const run = promisify(execFile)

/** A PostgreSQL of one test file: stop it, start it again, give every test a database of its own. */
export interface LivePostgres extends AsyncDisposable {
  /** Makes an empty database and answers its `postgresql://` URL. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
  start(): Promise<void>
}

/** postgres refuses to run as root, so root runs it as the user that Debian's package made. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  )
  return uid !== undefined && gid !== undefined ? { uid, gid } : {}
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  // A server that goes away while a client idles is what these tests do on purpose.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/**
 * Starts a PostgreSQL on a free port, with its data in a directory of its own.
 * @param options.fsync what was committed is on the disk, as where people's data are; tests need not wait for that
 */
export async function livePostgres({ fsync = false } = {}): Promise<LivePostgres> {
  const bin = findServer('postgres')
  if (!bin) throw new Error('postgres is not installed')
  const dir = await tempDir()
  const user = await unprivileged()
  if (user.uid !== undefined && user.gid !== undefined) await chown(dir.path, user.uid, user.gid)
  const data = join(dir.path, 'data')
  const options = { ...user, cwd: dir.path }
  await run(
    join(bin, '..', 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'],
    options,
  )
  const port = await freePort()
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined
  let databases = 0

  async function start(): Promise<void> {
    await rm(join(data, 'postmaster.pid'), { force: true })
    const flags = [
      '-D',
      data,
      '-p',
      `${port}`,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      `fsync=${fsync ? 'on' : 'off'}`,
    ]
    server = spawn(bin as string, flags, { ...options, stdio: 'ignore' })
    endWithTest(server, 'SIGQUIT')
    for (const deadline = Date.now() + 30_000; !(await accepts(url('postgres'))); ) {
      if (server.exitCode !== null) throw new Error(`postgres exited with ${server.exitCode}`)
      if (Date.now() > deadline) throw new Error('postgres did not answer within 30 s')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async function stop(): Promise<void> {
    const stopping = server
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return
    const exited = once(stopping, 'exit')
    // SIGQUIT is postgres' immediate shutdown: what a crash looks like to its clients.
    stopping.kill('SIGQUIT')
    await exited
  }

  await start()
  return {
    start,
    stop,
    async createDatabase() {
      const name = `test_${++databases}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return url(name)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await dir[Symbol.asyncDispose]()
    },
  }
}
