import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER } from '@switchboard/console/serving'
import { renderNginx } from '@switchboard/nginx/render'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { freePort } from '@switchboard/testing/port'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { type Running, start } from '@switchboard/testing/process'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import type { Origin } from './origin.ts'

const SERVERS = ['postgres', 'redis-server', 'nginx'] as const

/** Whether this machine has the servers for it. */
export const canInstall = SERVERS.every((name) => findServer(name) !== undefined)

/** Two processes of each service. */
export const TWO_OF_EACH = { ide: 2, chat: 2, relay: 2, channels: 2, nemesis: 2 }

const SERVICE_NAMES = Object.keys(SERVICES) as Service[]
const mainOf = (service: Service): string =>
  fileURLToPath(new URL(`../../../services/${service}/src/main.ts`, import.meta.url))

/** One process of a service, at a port that it keeps when it is started again. */
interface Member {
  readonly port: number
  readonly running: Running
  start(): Promise<void>
  stop(signal: NodeJS.Signals): Promise<void>
}

/** What people run: n processes a service behind one nginx, on one Redis and one PostgreSQL. */
export interface Installation extends Origin, AsyncDisposable {
  members: Readonly<Record<Service, readonly Member[]>>
  nginx: LiveNginx
  redis: LiveRedis
  postgres: LivePostgres
  databaseUrl: string
}

export interface InstallationOptions {
  /** How many processes of each service; those that are left out have none. */
  processes: Partial<Record<Service, number>>
  /** For every process. */
  env?: Record<string, string>
  /** `off`: neither the services nor nginx limit anything; for load. */
  limits?: 'off'
}

async function startMember(service: Service, env: Record<string, string>): Promise<Member> {
  const port = await freePort()
  const run = () => start(mainOf(service), { ...env, PORT: `${port}` })
  let running = await run()
  return {
    port,
    get running() {
      return running
    },
    async start() {
      running = await run()
    },
    async stop(signal) {
      await running.stop(signal)
    },
  }
}

async function startMembers(
  stack: AsyncDisposableStack,
  { processes, env = {} }: InstallationOptions,
  shared: Record<string, string>,
): Promise<Record<Service, Member[]>> {
  const dir = stack.use(await tempDir())
  const members = {} as Record<Service, Member[]>
  for (const service of SERVICE_NAMES) {
    const numbers = Array.from({ length: processes[service] ?? 0 }, (_, number) => number)
    members[service] = await Promise.all(
      numbers.map(async (number) => {
        const dataDir = join(dir.path, `${service}-${number}`)
        await mkdir(dataDir)
        const member = await startMember(service, { ...shared, ...env, DATA_DIR: dataDir })
        return stack.adopt(member, (one) => one.stop('SIGKILL'))
      }),
    )
  }
  return members
}

/** Starts all of it on free ports of the loopback; the services one after the other, the processes of one at once. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  await using stack = new AsyncDisposableStack()
  const [postgres, redis] = await Promise.all([livePostgres(), liveRedis()])
  stack.use(postgres)
  stack.use(redis)
  const databaseUrl = await postgres.createDatabase()
  const members = await startMembers(stack, options, {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    JWT_SECRET: 'one secret for all processes of this installation',
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    LIMITS: options.limits ?? 'on',
  })
  const upstreams = Object.fromEntries(
    SERVICE_NAMES.map((service) => [service, members[service].map(({ port }) => `127.0.0.1:${port}`)]),
  ) as Record<Service, string[]>
  const nginx = stack.use(
    await liveNginx((place) =>
      renderNginx({
        ...place,
        upstreams,
        console: FOLDER,
        ...(options.limits === 'off' && { logins: 'off' }),
      }),
    ),
  )
  const owned = stack.move()
  return {
    url: nginx.url,
    wsUrl: nginx.url.replace(/^http/, 'ws'),
    members,
    nginx,
    redis,
    postgres,
    databaseUrl,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
