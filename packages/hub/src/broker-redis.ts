import { randomBytes } from 'node:crypto'
import type { Envelope } from '@switchboard/protocol/bus'
import { backoff, pause } from './backoff.ts'
import type { BrokerStats, Listener, MeasuredBroker, Unsubscribe } from './broker.ts'
import { decodeMessage, encodePart, senderLine } from './bus-message.ts'
import type { Connect } from './connect.ts'
import { within } from './deadline.ts'
import { Listeners } from './listeners.ts'
import { RedisLink } from './redis-link.ts'
import { warn } from './report.ts'
import { Unavailable } from './unavailable.ts'

/** How long a close waits for what was published before it. */
const DRAIN_MS = 1_000
/** As long as a Redis that does not answer counts as there. */
const FLUSH_MS = 2_000

interface Topic {
  listeners: Listeners<[Envelope]>
  /** Settles with the subscription. */
  ready: Promise<void>
}

interface RedisBrokerOptions {
  connect: Connect
  /** Is told what a listener threw. Default: a process warning. */
  onError?: (error: unknown) => void
}

/**
 * The broker of one process on Redis. It tries for ever: while Redis is away, or hangs for 2 s, it publishes to this
 * process alone and counts the rest as dropped.
 */
export class RedisBroker implements MeasuredBroker {
  readonly process = randomBytes(6).toString('hex')
  /** Resolves when the bus is there for the first time. */
  readonly opened: Promise<void>
  readonly #self = senderLine(this.process)
  readonly #connect: Connect
  readonly #onError: (error: unknown) => void
  readonly #topics = new Map<string, Topic>()
  readonly #changes: Listeners<[boolean]>
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  /** While the bus is up. */
  #link: RedisLink | undefined
  #open = (): void => {}
  #published = 0
  #received = 0
  #dropped = 0

  constructor({ connect, onError = warn }: RedisBrokerOptions) {
    this.#connect = connect
    this.#onError = onError
    this.#changes = new Listeners(onError)
    this.opened = new Promise((resolve) => {
      this.#open = resolve
    })
    this.#running = this.#run()
  }

  publish(envelope: Envelope): void {
    this.#published++
    this.#topics.get(envelope.topic)?.listeners.tell(envelope)
    if (!this.#link) this.#dropped++
    else this.#link.outbox.add(envelope.topic, encodePart(envelope))
  }

  async subscribe(name: string, listener: Listener): Promise<Unsubscribe> {
    if (!this.#link) throw new Unavailable('the bus is away')
    const topic = this.#topics.get(name) ?? this.#begin(name, this.#link)
    const remove = topic.listeners.add(listener)
    const unsubscribe = () => {
      remove()
      this.#endEmpty(name, topic)
    }
    try {
      await topic.ready
    } catch (error) {
      unsubscribe()
      throw error
    }
    return unsubscribe
  }

  async isHeard(topic: string): Promise<boolean> {
    if (!this.#link) throw new Unavailable('the bus is away')
    return this.#topics.has(topic) || this.#link.isHeard(topic)
  }

  onChange(listener: (up: boolean) => void): Unsubscribe {
    return this.#changes.add(listener)
  }

  get stats(): BrokerStats {
    return {
      up: this.#link !== undefined,
      published: this.#published,
      received: this.#received,
      dropped: this.#dropped + (this.#link?.outbox.dropped ?? 0),
      subscriptions: this.#topics.size,
      lagMs: this.#link?.lagMs ?? 0,
    }
  }

  async flush(): Promise<void> {
    if (!this.#link) throw new Unavailable('the bus is away')
    await within(FLUSH_MS, this.#link.outbox.flush())
  }

  async ping(): Promise<void> {
    if (!this.#link) throw new Unavailable('the bus is away')
  }

  async close(): Promise<void> {
    this.#topics.clear()
    this.#changes.clear()
    if (this.#link) await within(DRAIN_MS, this.#link.outbox.flush()).catch(() => {})
    this.#closing.abort()
    await this.#running
  }

  /** One link after the other, until it is closed. */
  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures++) {
      const link = new RedisLink({
        connect: this.#connect,
        process: this.process,
        message: (bytes) => this.#hear(bytes),
      })
      const close = () => link.close()
      signal.addEventListener('abort', close, { once: true })
      if (await this.#carry(link)) failures = 0
      signal.removeEventListener('abort', close)
      link.close()
      this.#dropped += link.outbox.dropped
      await pause(backoff(failures), signal)
    }
  }

  /** Whether the link carried anything; resolves when it does no longer. */
  async #carry(link: RedisLink): Promise<boolean> {
    const renewed = [...this.#topics]
    try {
      await link.open(renewed.map(([name]) => name))
    } catch {
      return false
    }
    for (const [name, topic] of renewed) if (this.#topics.get(name) !== topic) link.unsubscribe(name)
    this.#link = link
    this.#open()
    this.#changes.tell(true)
    await link.broken
    this.#link = undefined
    this.#changes.tell(false)
    return true
  }

  #begin(name: string, link: RedisLink): Topic {
    const ready = link.subscribe(name)
    // Each subscriber awaits it; none need be there any more when it rejects.
    ready.catch(() => {})
    const topic: Topic = { listeners: new Listeners(this.#onError), ready }
    this.#topics.set(name, topic)
    return topic
  }

  #endEmpty(name: string, topic: Topic): void {
    if (topic.listeners.size > 0 || this.#topics.get(name) !== topic) return
    this.#topics.delete(name)
    this.#link?.unsubscribe(name)
  }

  #hear(bytes: Buffer): void {
    for (const envelope of decodeMessage(bytes, this.#self)) {
      const topic = this.#topics.get(envelope.topic)
      if (!topic) continue
      this.#received++
      topic.listeners.tell(envelope)
    }
  }
}
