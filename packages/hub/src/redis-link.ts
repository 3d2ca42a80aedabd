import { decodeProbe, encodeProbe, senderLine } from './bus-message.ts'
import type { Connect } from './connect.ts'
import { within } from './deadline.ts'
import { Outbox } from './outbox.ts'
import { openWire, type Wire } from './redis-wire.ts'
import { Unavailable } from './unavailable.ts'

/** A process sends itself something so often, and counts the bus as away where it does not come back for so long. */
const PROBE_MS = 1_000
const PATIENCE_MS = 2_000

interface Probe {
  number: number
  sentAt: number
  /** Channels that have not brought it yet. */
  left: number
}

interface LinkOptions {
  connect: Connect
  process: string
  message(bytes: Buffer): void
}

/** The way through Redis from when it carries until it does not; then a new one is opened. */
export class RedisLink {
  readonly outbox: Outbox
  /** Resolves when it carries no longer. */
  readonly broken: Promise<void>
  /** Milliseconds that the last probe took. */
  lagMs = 0
  readonly #wire: Wire
  readonly #probes: string[]
  readonly #message: (bytes: Buffer) => void
  #break = (): void => {}
  #probe: Probe | undefined
  #sent = 0
  #arrived: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ connect, process, message }: LinkOptions) {
    this.#wire = openWire(connect)
    this.#probes = this.#wire.probes(process)
    this.#message = message
    this.outbox = new Outbox(this.#wire, senderLine(process))
    this.broken = new Promise((resolve) => {
      this.#break = resolve
    })
    this.#wire.onMessage((bytes) => this.#hear(bytes))
  }

  /** Resolves once it is subscribed to the channels and has brought something there and back; else rejects. */
  async open(channels: readonly string[]): Promise<void> {
    await within(PATIENCE_MS, this.#wire.ready())
    this.#wire.onBroken(this.#break)
    await this.#unlessBroken(this.#wire.subscribe([...this.#probes, ...channels]))
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    this.#sendProbe()
    await this.#unlessBroken(arrived)
    this.#timer = setInterval(() => this.#look(), PROBE_MS).unref()
  }

  /** Rejects where Redis does not answer within 2 s. */
  async subscribe(channel: string): Promise<void> {
    await this.#unlessBroken(this.#wire.subscribe([channel]))
  }

  /** Rejects where Redis does not answer within 2 s. */
  async isHeard(channel: string): Promise<boolean> {
    return this.#unlessBroken(this.#wire.isHeard(channel))
  }

  unsubscribe(channel: string): void {
    this.#wire.unsubscribe(channel)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#break()
    this.outbox.close()
    this.#wire.close()
  }

  async #unlessBroken<T>(work: Promise<T>): Promise<T> {
    const broken = this.broken.then((): Promise<never> => Promise.reject(new Unavailable('the bus is away')))
    // Nobody is left to hear of it once the race is over.
    broken.catch(() => {})
    return within(PATIENCE_MS, Promise.race([work, broken]))
  }

  #hear(bytes: Buffer): void {
    const number = decodeProbe(bytes)
    if (number === undefined) this.#message(bytes)
    else this.#probeCame(number)
  }

  #probeCame(number: number): void {
    if (this.#probe?.number !== number || --this.#probe.left > 0) return
    this.lagMs = performance.now() - this.#probe.sentAt
    this.#probe = undefined
    this.#arrived?.()
  }

  #sendProbe(): void {
    const number = ++this.#sent
    this.#probe = { number, sentAt: performance.now(), left: this.#probes.length }
    const bytes = encodeProbe(number)
    this.#wire.publish(this.#probes.map((channel) => ({ channel, bytes, envelopes: 1 }))).catch(() => {})
  }

  /** After what came meanwhile was read: this process may have been busy, and not the bus. */
  #look(): void {
    setImmediate(() => {
      if (!this.#probe) this.#sendProbe()
      else if (performance.now() - this.#probe.sentAt >= PATIENCE_MS) this.#break()
      else this.lagMs = Math.max(this.lagMs, performance.now() - this.#probe.sentAt)
    })
  }
}
