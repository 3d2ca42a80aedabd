import type { Unsubscribe } from '@switchboard/hub/broker'
import type { Hub } from '@switchboard/hub/hub'

/** Topics that are subscribed for a connection before its 101, so that it misses nothing from then on. */
export interface Prepared {
  /** Rejects where the bus is away. */
  add(topic: string): Promise<void>
  /** The connection has entered them, or never will. */
  release(): void
}

export function prepareTopics(hub: Pick<Hub<never>, 'prepare'>): Prepared {
  const releases: Unsubscribe[] = []
  return {
    add: async (topic) => void releases.push(await hub.prepare(topic)),
    release() {
      for (const release of releases.splice(0)) release()
    },
  }
}
