import { hash } from 'node:crypto'
import type { Broker } from '@switchboard/hub/broker'
import { keepSubscribed } from '@switchboard/hub/keep-subscribed'
import { LINKS_CHANGED, relayedTopic } from '@switchboard/protocol/between'
import type { Incoming } from '../domain/incoming.ts'
import { relayedOf } from '../domain/relayed.ts'

export const topicOfToken = (token: string): string => relayedTopic(hash('sha256', token))

/**
 * How long it counts at most, milliseconds, that nobody listens to a token. Whoever begins to says so
 * ({@link LINKS_CHANGED}), so this is only for one whose word was lost.
 */
const UNHEARD_MS = 1000

/** Tells whoever listens to a token of its requests. To most tokens nobody does, and then it costs next to nothing. */
export interface Teller {
  /** A request came; it is told once its answer is on its way. */
  tell(token: string, incoming: Incoming): void
  close(): void
}

export async function createTeller(broker: Broker): Promise<Teller> {
  const unheard = new Set<string>()
  const asked = new Set<string>()
  let changes = 0

  const forget = () => {
    changes++
    unheard.clear()
  }
  const unsubscribe = await keepSubscribed(broker, LINKS_CHANGED, forget)
  const timer = setInterval(forget, UNHEARD_MS).unref()

  async function ask(token: string, topic: string): Promise<void> {
    if (asked.has(token)) return
    asked.add(token)
    const before = changes
    const heard = await broker.isHeard(topic).catch(() => true)
    asked.delete(token)
    if (!heard && changes === before) unheard.add(token)
  }

  function tellAll(token: string, incoming: Incoming): void {
    const topic = topicOfToken(token)
    broker.publish({ topic, payload: Buffer.from(JSON.stringify(relayedOf(incoming))) })
    void ask(token, topic)
  }

  return {
    tell(token, incoming) {
      if (!unheard.has(token)) setImmediate(tellAll, token, incoming)
    },
    close() {
      clearInterval(timer)
      unsubscribe()
    },
  }
}
