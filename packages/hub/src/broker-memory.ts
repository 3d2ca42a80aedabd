import { randomBytes } from 'node:crypto'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '@switchboard/protocol/bus'
import type { BrokerStats, Listener, MeasuredBroker, Unsubscribe } from './broker.ts'
import { Listeners } from './listeners.ts'
import { warn } from './report.ts'
import { Unavailable } from './unavailable.ts'

/** What several {@link MemoryBroker}s share, each standing for one process. */
export class MemoryBus {
  readonly #brokers = new Map<string, MemoryBroker>()
  readonly #queue: { from: string; bytes: Buffer }[] = []
  #up = true

  get isUp(): boolean {
    return this.#up
  }

  /** The bus goes away, for tests: nothing crosses it until {@link up}. */
  down(): void {
    this.#change(false)
  }

  up(): void {
    this.#change(true)
  }

  add(broker: MemoryBroker): void {
    if (this.#brokers.has(broker.process)) throw new Error(`two processes named ${broker.process} on one bus`)
    this.#brokers.set(broker.process, broker)
  }

  remove(broker: MemoryBroker): void {
    this.#brokers.delete(broker.process)
  }

  /** To the other processes, in a later turn of the event loop and as bytes, so that nobody counts on less. */
  carry(from: string, envelope: Envelope): void {
    if (this.#brokers.size < 2 || !this.#brokers.has(from)) return
    if (this.#queue.length === 0) setImmediate(() => this.#deliver())
    this.#queue.push({ from, bytes: encodeEnvelope(envelope) })
  }

  isHeard(topic: string): boolean {
    return [...this.#brokers.values()].some((broker) => broker.hears(topic))
  }

  #deliver(): void {
    for (const { from, bytes } of this.#queue.splice(0)) {
      const envelope = decodeEnvelope(bytes)
      if (!envelope.ok) continue
      for (const broker of this.#brokers.values()) if (broker.process !== from) broker.receive(envelope.value)
    }
  }

  #change(up: boolean): void {
    if (this.#up === up) return
    this.#up = up
    for (const broker of this.#brokers.values()) broker.changed(up)
  }
}

const PROCESS_ID = /^[0-9a-z]{1,32}$/

/** The broker of one process without Redis: what it publishes reaches its own listeners, and those on the same bus. */
export class MemoryBroker implements MeasuredBroker {
  readonly process: string
  readonly #bus: MemoryBus
  readonly #onError: (error: unknown) => void
  readonly #topics = new Map<string, Listeners<[Envelope]>>()
  readonly #changes: Listeners<[boolean]>
  #published = 0
  #received = 0
  #dropped = 0

  /** @param onError Is told what a listener threw. Default: a process warning. */
  constructor(bus: MemoryBus, processId = randomId(), onError: (error: unknown) => void = warn) {
    if (!PROCESS_ID.test(processId)) throw new Error('a process id is 1 to 32 of 0-9a-z')
    this.process = processId
    this.#bus = bus
    this.#onError = onError
    this.#changes = new Listeners(onError)
    bus.add(this)
  }

  publish(envelope: Envelope): void {
    this.#published++
    this.#hear(envelope)
    if (this.#bus.isUp) this.#bus.carry(this.process, envelope)
    else this.#dropped++
  }

  async subscribe(topic: string, listener: Listener): Promise<Unsubscribe> {
    if (!this.#bus.isUp) throw new Unavailable('the bus is away')
    const listeners = this.#topics.get(topic) ?? new Listeners(this.#onError)
    this.#topics.set(topic, listeners)
    const remove = listeners.add(listener)
    return () => {
      remove()
      if (listeners.size === 0 && this.#topics.get(topic) === listeners) this.#topics.delete(topic)
    }
  }

  async isHeard(topic: string): Promise<boolean> {
    await this.ping()
    return this.#bus.isHeard(topic)
  }

  onChange(listener: (up: boolean) => void): Unsubscribe {
    return this.#changes.add(listener)
  }

  flush(): Promise<void> {
    return this.ping()
  }

  async ping(): Promise<void> {
    if (!this.#bus.isUp) throw new Unavailable('the bus is away')
  }

  async close(): Promise<void> {
    this.#bus.remove(this)
    this.#topics.clear()
    this.#changes.clear()
  }

  get stats(): BrokerStats {
    return {
      up: this.#bus.isUp,
      published: this.#published,
      received: this.#received,
      dropped: this.#dropped,
      subscriptions: this.#topics.size,
      lagMs: 0,
    }
  }

  hears(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** From another process. */
  receive(envelope: Envelope): void {
    if (!this.#topics.has(envelope.topic)) return
    this.#received++
    this.#hear(envelope)
  }

  #hear(envelope: Envelope): void {
    this.#topics.get(envelope.topic)?.tell(envelope)
  }

  changed(up: boolean): void {
    this.#changes.tell(up)
  }
}

const randomId = (): string => randomBytes(6).toString('hex')
