import type { Message, Wire } from './redis-wire.ts'
import { Unavailable } from './unavailable.ts'

/** Bytes that wait for Redis, past which a process drops what it publishes: a Redis that hangs must not fill memory. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024

/** Bytes of envelopes that share a message. */
const MESSAGE_MAX_BYTES = 64 * 1024

/** Envelopes for one channel. */
interface Parcel {
  channel: string
  parts: Buffer[]
  bytes: number
}

/**
 * What one turn of the event loop publishes leaves together, and what follows one another to one channel in one message:
 * to Redis and to who hears it, a message costs far more than its bytes.
 */
export class Outbox {
  /** How many did not reach Redis, or may not have. */
  dropped = 0
  readonly #wire: Pick<Wire, 'publish'>
  readonly #sender: Buffer
  #parcels: Parcel[] = []
  /** How many Redis has not answered yet, those that are not sent yet included. */
  #open = 0
  #isClosed = false
  /** It dropped something since Redis last had answered all. */
  #isOverfull = false
  /** Of these, and of those that Redis has not answered yet. */
  #bytes = 0
  readonly #sending = new Set<Promise<void>>()
  readonly #endOfTurn = (): void => this.#send()

  /** @param sender what each message begins with */
  constructor(wire: Pick<Wire, 'publish'>, sender: Buffer) {
    this.#wire = wire
    this.#sender = sender
  }

  add(channel: string, part: Buffer): void {
    if (this.#isClosed || this.#bytes + part.length > WAITING_MAX_BYTES) {
      this.dropped++
      this.#isOverfull = true
      return
    }
    if (this.#parcels.length === 0) setImmediate(this.#endOfTurn)
    const parcel = this.#parcelFor(channel, part.length)
    parcel.parts.push(part)
    parcel.bytes += part.length
    this.#open++
    this.#bytes += part.length
  }

  /** The last one or a new one: the order of all must stay. */
  #parcelFor(channel: string, bytes: number): Parcel {
    const last = this.#parcels.at(-1)
    if (last?.channel === channel && last.bytes + bytes <= MESSAGE_MAX_BYTES) return last
    const parcel: Parcel = { channel, parts: [], bytes: 0 }
    this.#parcels.push(parcel)
    return parcel
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
    this.#parcels = []
  }

  #send(): void {
    const parcels = this.#parcels
    if (parcels.length === 0) return
    this.#parcels = []
    const sending = this.#publish(parcels)
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
  }

  async #publish(parcels: readonly Parcel[]): Promise<void> {
    const messages = parcels.map(
      ({ channel, parts }): Message => ({
        channel,
        bytes: Buffer.concat([this.#sender, ...parts]),
        envelopes: parts.length,
      }),
    )
    const all = messages.reduce((sum, { envelopes }) => sum + envelopes, 0)
    const failed = await this.#wire.publish(messages).catch(() => all)
    if (this.#isClosed) return
    this.dropped += failed
    this.#open -= all
    if (this.#open === 0) this.#isOverfull = false
    for (const { bytes } of parcels) this.#bytes -= bytes
  }
}
