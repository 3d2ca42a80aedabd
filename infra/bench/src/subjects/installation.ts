import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { livePostgres } from '@switchboard/testing/postgres'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { type ServerProcess, startServer } from '../server-process.ts'

/** The services that are measured. */
export type Service = 'chat' | 'channels' | 'ide' | 'relay'

export interface RunOptions {
  core: string | undefined
  limits?: 'on' | 'off'
  /** Several processes of a service talk over Redis. */
  overRedis?: boolean
}

/** Our services as people run them: real processes, one database for each service, kept for the whole bench. */
export interface Installation extends AsyncDisposable {
  /** What they store in, with its version. */
  database: string
  run(service: Service, options: RunOptions): Promise<ServerProcess>
}

const SERVICES = fileURLToPath(new URL('../../../../services', import.meta.url))
const COLLECT_ON_SIGNAL = fileURLToPath(new URL('../../peers/collect-on-signal.cjs', import.meta.url))

const versionOf = (program: string): string => execFileSync(program, ['--version']).toString().trim()

/**
 * @param options.embedded PGlite in each process, also where there is a PostgreSQL
 * @param options.profile a folder for what V8 sees of each process
 */
export async function openInstallation(options: {
  embedded: boolean
  profile?: string | undefined
}): Promise<Installation> {
  await using stack = new AsyncDisposableStack()
  const program = options.embedded ? undefined : findServer('postgres')
  const postgres = program === undefined ? undefined : stack.use(await livePostgres({ fsync: true }))
  const data = stack.use(await tempDir())
  const secret = randomBytes(32).toString('hex')
  const profiling =
    options.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(options.profile)]
  const environments = new Map<Service, Promise<Record<string, string>>>()
  let redis: ReturnType<typeof liveRedis> | undefined

  async function environment(service: Service): Promise<Record<string, string>> {
    const url = await postgres?.createDatabase()
    return {
      JWT_SECRET: secret,
      DATA_DIR: join(data.path, service),
      ...(url !== undefined && { DATABASE_URL: url }),
    }
  }

  async function redisUrl(): Promise<string> {
    redis ??= liveRedis().then((one) => owned.use(one))
    return (await redis).url
  }

  const owned = stack.move()
  return {
    database: program === undefined ? 'embedded (PGlite)' : `${versionOf(program)}, fsync on`,
    async run(service, { core, limits = 'off', overRedis = false }) {
      const known = environments.get(service) ?? environment(service)
      environments.set(service, known)
      return startServer({
        core,
        env: {
          ...(await known),
          LIMITS: limits,
          ...(overRedis && { REDIS_URL: await redisUrl() }),
        },
        command: () => [
          process.execPath,
          ...profiling,
          '--expose-gc',
          '--require',
          COLLECT_ON_SIGNAL,
          join(SERVICES, service, 'src/main.ts'),
        ],
      })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
