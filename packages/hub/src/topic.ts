import { Batch } from './batch.ts'
import type { Unsubscribe } from './broker.ts'
import type { Framing } from './framing.ts'
import type { SocketConnection } from './socket-connection.ts'

/** A topic that has members here, or soon will. */
export interface Topic<S> {
  readonly name: string
  readonly members: Set<SocketConnection<S>>
  /** Those that wait for the subscription. */
  readonly entering: Set<SocketConnection<S>>
  /** How many keep it subscribed for a connection that is still to come. */
  prepared: number
  /** Settles with the subscription. */
  ready: Promise<void>
  /** There once subscribed. */
  unsubscribe: Unsubscribe | undefined
  /** What was delivered to it and is not written yet, in order. */
  runs: Run<S>[] | undefined
  /** Bytes of all that. */
  bytes: number
  /** See `Resting`: until when what is delivered to it waits for more. */
  restsUntil: number
}

/** Deliveries to one topic with nothing for another topic between them. */
export class Run<S> {
  readonly topic: Topic<S>
  /** The number of its first payload among all that the hub ever delivered. */
  readonly start: number
  readonly payloads: Buffer[] = []
  readonly #framing: Framing
  /** What was asked for last, once of all payloads and once of less: those who want less are few, and not alike. */
  #whole: Part | undefined
  #rest: Part | undefined

  constructor(topic: Topic<S>, start: number, framing: Framing) {
    this.topic = topic
    this.start = start
    this.#framing = framing
  }

  get end(): number {
    return this.start + this.payloads.length
  }

  /** Its payloads from number `position` on, framed; the same answer to whoever asks for the same next. */
  from(position: number): Batch {
    const from = Math.max(0, position - this.start)
    const to = this.payloads.length
    const known = from === 0 ? this.#whole : this.#rest
    if (known?.from === from && known.to === to) return known.batch
    const payloads = from === 0 ? this.payloads : this.payloads.slice(from)
    const part: Part = { from, to, batch: new Batch(this.#framing(payloads)) }
    if (from === 0) this.#whole = part
    else this.#rest = part
    return part.batch
  }
}

/** Payloads `from` up to, not including, `to`. */
interface Part {
  from: number
  to: number
  batch: Batch
}
