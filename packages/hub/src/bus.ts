import { ACCOUNT_PLACES } from '@switchboard/protocol/between'
import type { MeasuredBroker } from './broker.ts'
import { MemoryBroker, MemoryBus } from './broker-memory.ts'
import { RedisBroker } from './broker-redis.ts'
import type { Connect } from './connect.ts'
import { within } from './deadline.ts'
import type { Presence } from './presence.ts'
import { MemoryPresence, MemoryPresenceStore } from './presence-memory.ts'
import { RedisPresence } from './presence-redis.ts'

/** How long a start waits for Redis before it goes on without. */
const START_PATIENCE_MS = 3_000

/** What a process needs to be one of several: the way to the others, and who is where. */
export interface Bus extends AsyncDisposable {
  broker: MeasuredBroker
  presence: Presence
}

/**
 * The bus on Redis, or inside this process where there is none. Resolves also while Redis is away: the process starts,
 * is not ready, and is one of several as soon as Redis answers.
 */
export async function openBus(connect: Connect | undefined): Promise<Bus> {
  if (!connect) return openMemoryBus()
  const broker = new RedisBroker({ connect })
  const presence = new RedisPresence({ connect, broker, watched: [ACCOUNT_PLACES] })
  const bus = busOf(broker, presence)
  await within(START_PATIENCE_MS, Promise.all([broker.opened, presence.opened])).catch(() => {})
  return bus
}

/** A bus inside this process: there are no others. */
export function openMemoryBus(): Bus {
  const broker = new MemoryBroker(new MemoryBus())
  return busOf(broker, new MemoryPresence(new MemoryPresenceStore(), broker.process))
}

const busOf = (broker: MeasuredBroker, presence: Presence): Bus => ({
  broker,
  presence,
  async [Symbol.asyncDispose]() {
    await presence.close()
    await broker.close()
  },
})
