import type { Broker } from '@switchboard/hub/broker'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'

export const SECRET = 'a secret of at least thirty-two bytes'

interface Options {
  /** PostgreSQL; an embedded one in memory unless told. */
  database?: string
  limits?: 'on' | 'off'
  env?: Record<string, string>
}

/** One process of the service, listening. */
interface Process extends Listening {
  id: string
  app: Server
  presence: MemoryPresence
  /** Ends it as `kill -9` would, as far as other processes can see: its leases run out. */
  crash(): Promise<void>
}

/** Processes that share a bus, a presence, counters and a database. */
export interface Installation extends AsyncDisposable {
  bus: MemoryBus
  places: MemoryPresenceStore
  database: Database
  /** @param worsen what the process gets for its broker */
  start(id: string, worsen?: (broker: Broker) => Broker): Promise<Process>
  first: Process
}

export async function install({
  database: url,
  limits = 'on',
  env = {},
}: Options = {}): Promise<Installation> {
  const stack = new AsyncDisposableStack()
  const bus = new MemoryBus()
  const places = new MemoryPresenceStore()
  const database = stack.use(await openDatabase({ ...(await inMemory()), url }))
  const counters = memoryLimits({ on: limits === 'on' })
  const config = readConfig({ JWT_SECRET: SECRET, LOG_LEVEL: 'silent', ...env })

  async function start(id: string, worsen = (broker: Broker) => broker): Promise<Process> {
    const memory = new MemoryBroker(bus, id)
    const presence = new MemoryPresence(places, id)
    const app = await createApp(config, { database, broker: worsen(memory), presence, limits: counters })
    const listening = stack.use(await listen(app))
    return {
      ...listening,
      id,
      app,
      presence,
      async crash() {
        bus.remove(memory)
        places.crash(id)
        await app.close()
      },
    }
  }

  const first = await start('one')
  return { bus, places, database, start, first, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
