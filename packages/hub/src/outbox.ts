import type { Message, Wire } from './redis-wire.ts'
import { Unavailable } from './unavailable.ts'

/** Bytes that wait for Redis, past which a process drops what it publishes: a Redis that hangs must not fill memory. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024

/** What one turn of the event loop publishes leaves together. */
export class Outbox {
  /** How many did not reach Redis, or may not have. */
  dropped = 0
  readonly #wire: Pick<Wire, 'publish'>
  #messages: Message[] = []
  /** How many Redis has not answered yet, those that are not sent yet included. */
  #open = 0
  #isClosed = false
  /** It dropped something since Redis last had answered all. */
  #isOverfull = false
  /** Of these, and of those that Redis has not answered yet. */
  #bytes = 0
  readonly #sending = new Set<Promise<void>>()
  readonly #endOfTurn = (): void => this.#send()

  constructor(wire: Pick<Wire, 'publish'>) {
    this.#wire = wire
  }

  add(message: Message): void {
    if (this.#isClosed || this.#bytes + message.bytes.length > WAITING_MAX_BYTES) {
      this.dropped++
      this.#isOverfull = true
      return
    }
    if (this.#messages.length === 0) setImmediate(this.#endOfTurn)
    this.#messages.push(message)
    this.#open++
    this.#bytes += message.bytes.length
  }

  /** Resolves once Redis has taken all; rejects where something that was added just before may not have reached it. */
  async flush(): Promise<void> {
    const { dropped } = this
    this.#send()
    if (!this.#isOverfull) await Promise.all(this.#sending)
    if (this.#isClosed || this.#isOverfull || this.dropped > dropped)
      throw new Unavailable('the bus did not take all of it')
  }

  /** Whatever is not answered yet counts as dropped. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.dropped += this.#open
    this.#messages = []
  }

  #send(): void {
    const messages = this.#messages
    if (messages.length === 0) return
    this.#messages = []
    const sending = this.#publish(messages)
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
  }

  async #publish(messages: readonly Message[]): Promise<void> {
    const failed = await this.#wire.publish(messages).catch(() => messages.length)
    if (this.#isClosed) return
    this.dropped += failed
    this.#open -= messages.length
    if (this.#open === 0) this.#isOverfull = false
    for (const { bytes } of messages) this.#bytes -= bytes.length
  }
}
