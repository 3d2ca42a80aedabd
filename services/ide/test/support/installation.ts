import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { type Bus, openBus } from '@switchboard/hub/bus'
import type { Presence } from '@switchboard/hub/presence'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { redisConnector } from '@switchboard/kit/redis'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { type Ide, openIde } from './ide.ts'
import { type Person, signUp } from './person.ts'

export const SECRET = 'a secret of at least thirty-two bytes'

interface Options {
  /** PostgreSQL, or a database that somebody else opened; an embedded one in memory unless told. */
  database?: string | Database
  /** Redis; a bus in memory unless told. */
  redis?: string
  limits?: 'on' | 'off'
  /** Of `ALLOWED_ORIGINS`. */
  allowedOrigins?: string
}

/** One process of the service, listening. */
export interface Process extends Listening {
  id: string
  presence: Presence
  /** Ends it as `kill -9` would, as far as others on a bus in memory can see: its leases run out. */
  crash(): Promise<void>
}

/** Processes that share a bus, a presence, counters and a database. */
export interface Installation extends AsyncDisposable {
  bus: MemoryBus
  store: MemoryPresenceStore
  database: Database
  start(id: string): Promise<Process>
  /** The first process. */
  first: Process
  signUp(name: string): Promise<Person>
  /** Signs up and connects to the first process, in `space` if one is named. */
  enter(name: string, space?: string): Promise<Ide>
}

export async function install({
  database: given,
  redis,
  limits: on = 'on',
  allowedOrigins,
}: Options = {}): Promise<Installation> {
  const stack = new AsyncDisposableStack()
  const bus = new MemoryBus()
  const store = new MemoryPresenceStore()
  const database =
    typeof given === 'object' ? given : stack.use(await openDatabase({ ...(await inMemory()), url: given }))
  const limits = memoryLimits({ on: on === 'on' })
  const config = readConfig({
    JWT_SECRET: SECRET,
    LOG_LEVEL: 'silent',
    ...(allowedOrigins === undefined ? {} : { ALLOWED_ORIGINS: allowedOrigins }),
  })

  async function busOf(id: string): Promise<Pick<Bus, 'broker' | 'presence'>> {
    if (redis !== undefined) return stack.use(await openBus(redisConnector(redis)))
    return { broker: new MemoryBroker(bus, id), presence: new MemoryPresence(store, id) }
  }

  async function start(id: string): Promise<Process> {
    const { broker, presence } = await busOf(id)
    const app = await createApp(config, { database, broker, presence, limits })
    const listening = stack.use(await listen(app))
    return {
      ...listening,
      id,
      presence,
      async crash() {
        await broker.close()
        store.crash(id)
        await app.close()
      },
    }
  }

  const first = await start('one')
  return {
    bus,
    store,
    database,
    start,
    first,
    signUp: (name) => signUp(first.url, name),
    async enter(name, space) {
      const { token } = await signUp(first.url, name)
      return openIde(first.wsUrl, { token, ...(space === undefined ? {} : { space }) })
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
