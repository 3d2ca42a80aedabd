import type { Broker } from './broker.ts'
import { MemoryBroker, MemoryBus } from './broker-memory.ts'
import type { Presence } from './presence.ts'
import { MemoryPresence, MemoryPresenceStore } from './presence-memory.ts'

/** What a process needs to be one of several: the way to the others, and who is where. */
export interface Bus extends AsyncDisposable {
  broker: Broker
  presence: Presence
}

/** A bus inside this process: there are no others. */
export function openMemoryBus(): Bus {
  const broker = new MemoryBroker(new MemoryBus())
  const presence = new MemoryPresence(new MemoryPresenceStore(), broker.process)
  return {
    broker,
    presence,
    async [Symbol.asyncDispose]() {
      await presence.close()
      await broker.close()
    },
  }
}
