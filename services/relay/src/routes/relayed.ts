import { hash } from 'node:crypto'
import type { Broker } from '@switchboard/hub/broker'
import { relayedTopic } from '@switchboard/protocol/between'
import type { Incoming } from '../domain/incoming.ts'
import { relayedOf } from '../domain/relayed.ts'

export const topicOfToken = (token: string): string => relayedTopic(hash('sha256', token))

/** Tells whoever listens to a token that a request came for it, once its answer is on its way. */
export function tellRelayed(broker: Broker): (token: string, incoming: Incoming) => void {
  return (token, incoming) =>
    void setImmediate(() =>
      broker.publish({
        topic: topicOfToken(token),
        payload: Buffer.from(JSON.stringify(relayedOf(incoming))),
      }),
    )
}
