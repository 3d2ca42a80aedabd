import { ACCOUNT_PLACES } from '@switchboard/protocol/between'
import type { MeasuredBroker } from './broker.ts'
import { MemoryBroker, MemoryBus } from './broker-memory.ts'
import type { Connect } from './connect.ts'
import type { Presence } from './presence.ts'
import { MemoryPresence, MemoryPresenceStore } from './presence-memory.ts'

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
  return openMemoryBus()
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
