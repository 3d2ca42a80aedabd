import { isRequest } from '@switchboard/protocol/client/relay'
import type { Emitter, Events } from '../core/events.ts'
import { createFeed } from '../core/feed.ts'
import { type Acknowledge, createDeliveries } from './deliveries.ts'
import { type RelayRequest, relayRequest } from './request.ts'

interface RequestEvents {
  request: RelayRequest
}

/** Where requests are handed over. */
export interface Inbox<E extends RequestEvents>
  extends Events<E>,
    AsyncIterable<RelayRequest, undefined, undefined> {
  /** `false`: what came is no request. */
  put(value: unknown, acknowledge: Acknowledge): boolean
  /** What was not acknowledged comes again. */
  disconnected(): void
  /** As `Feed.end`. */
  end(error?: unknown): void
}

/** Each request goes to every listener and to every iterator, once, however often it is delivered. */
export function createInbox<E extends RequestEvents>(events: Emitter<E>): Inbox<E> {
  const feed = createFeed<RelayRequest>()
  const deliveries = createDeliveries()
  let isHeard = false
  let isRead = false
  return {
    put(value, acknowledge) {
      const request = isRequest(value) && relayRequest(value, (args) => deliveries.answered(value.id, args))
      if (!request) return false
      if (!deliveries.arrived(request.id, acknowledge)) return true
      // Where nobody iterates, bodies would only be kept.
      if (isRead || !isHeard) feed.push(request)
      events.emit('request', request as E['request'])
      return true
    },
    disconnected: deliveries.disconnected,
    end: feed.end,
    on(event, listener) {
      if (event === 'request') isHeard = true
      return events.on(event, listener)
    },
    [Symbol.asyncIterator]() {
      isRead = true
      return feed[Symbol.asyncIterator]()
    },
  }
}
