import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '@switchboard/hub/broker'
import type { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import type { Session } from './session.ts'
import { EVERYONE, nickClaim } from './topics.ts'

/** While presence is not back yet, it is asked so often, milliseconds. */
const RETRY_MS = 1000

interface Parts {
  broker: Broker
  presence: Presence
  hub: Hub<Session>
  /** The connection's nickname is another's. */
  lost(id: string): void
}

/** Finds the nicknames that were taken while this process could not be told. Answers how to stop. */
export function watchLostNicks({ broker, presence, hub, lost }: Parts): () => void {
  const closing = new AbortController()

  async function check(id: string, key: string): Promise<void> {
    const holder = await presence.holder(nickClaim(key))
    if (holder !== undefined && holder !== id) lost(id)
  }

  async function checkAll(): Promise<void> {
    while (!closing.signal.aborted) {
      const connections = [...hub.members(EVERYONE)]
      const checks = connections.map(({ id, session }) => check(id, session.nick.key))
      const results = await Promise.allSettled(checks)
      if (results.every(({ status }) => status === 'fulfilled')) return
      await sleep(RETRY_MS, undefined, { signal: closing.signal, ref: false }).catch(() => {})
    }
  }

  const unwatch = broker.onChange((up) => void (up && checkAll()))
  const unlose = presence.onLost((_key, id) => lost(id))
  return () => {
    closing.abort()
    unwatch()
    unlose()
  }
}
