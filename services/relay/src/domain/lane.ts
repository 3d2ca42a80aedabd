import { type Answer, decodeAcknowledgement } from '@switchboard/protocol/relay'
import type { Deadlines } from './deadlines.ts'
import { encodeRequest } from './event.ts'
import type { Incoming } from './incoming.ts'
import { Line } from './line.ts'
import { type Outcome, QUEUED, UNKNOWN } from './outcome.ts'
import type { Link, Queue } from './ports.ts'

export interface LaneParts {
  queue: Queue
  deadlines: Deadlines
  /** Something waits for the client, wherever it is now. */
  wake(token: string): void
  onError(error: unknown): void
}

/** A request that is held back. */
interface Held {
  /** The client is gone. */
  lost(): void
  deliver(): void
}

interface Fates {
  acknowledged(answer: Answer): void
  /** Not in time, or with something that is no answer. */
  unanswered(): void
  lost(): void
  /** Acknowledged after {@link unanswered}. */
  late?(): void
}

/**
 * One client's requests, in order: first what waits in the queue, then what comes in. What the client was given and has
 * not acknowledged when it goes away is put into the queue (again).
 */
export class Lane {
  readonly token: string
  /** `<process>.<n>` */
  readonly connection: string
  /** Milliseconds since the epoch; it may live longer where another process refreshed it. */
  expiresAt: number
  readonly #parts: LaneParts
  #link: Link | undefined
  #state: 'behind' | 'live' | 'closed' = 'behind'
  /** There may be more in the queue than what was read. */
  #more = false
  /** Appends under way for requests that were held back too long. */
  #keeping = 0
  #after = 0n
  #acknowledges = false
  #leftUnanswered = false
  #isStale = false
  /** What is called of each request that was written, until something becomes of it, when the client goes. */
  readonly #written = new Line<() => void>()
  readonly #held = new Set<Held>()

  constructor(token: string, connection: string, expiresAt: number, parts: LaneParts) {
    this.token = token
    this.connection = connection
    this.expiresAt = expiresAt
    this.#parts = parts
  }

  /** The queue could not be read; it should be tried again. */
  get isStale(): boolean {
    return this.#isStale
  }

  /** Nothing is expected of a client that never acknowledges. */
  get #isSilent(): boolean {
    return this.#leftUnanswered && !this.#acknowledges
  }

  /** The client is connected. */
  start(link: Link): void {
    if (this.#state === 'closed') {
      link.close()
      return
    }
    this.#link = link
    this.#catchUp(link)
  }

  deliver(incoming: Incoming): Promise<Outcome> {
    if (this.#state === 'closed') return this.#keep(incoming)
    const link = this.#link
    if (this.#state === 'live' && link && !link.isFull) return this.#deliverNow(link, incoming)
    const outcome = this.#hold(incoming)
    if (this.#state === 'live' && link) this.#catchUp(link)
    return outcome
  }

  /** There is something new in the queue. */
  wake(): void {
    this.#more = true
    if (this.#state === 'live' && this.#link) this.#catchUp(this.#link)
  }

  /** The client is gone, or another one took its place. */
  close({ disconnect }: { disconnect: boolean }): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    for (const lost of this.#written) lost()
    for (const { lost } of this.#held) lost()
    this.#held.clear()
    if (disconnect) this.#link?.close()
  }

  #deliverNow(link: Link, incoming: Incoming): Promise<Outcome> {
    return new Promise((resolve) =>
      this.#write(link, incoming, {
        acknowledged: (answer) => resolve({ delivery: 'delivered', answer }),
        unanswered: () => resolve({ delivery: 'delivered' }),
        lost: () => resolve(this.#keep(incoming)),
      }),
    )
  }

  #write(link: Link, incoming: Incoming, fates: Fates): void {
    const { deadlines } = this.#parts
    // Nothing holds the request any longer than it waits, though its client may acknowledge it much later.
    let open: Fates | undefined = fates
    const { late } = fates
    const settle = (fate: (open: Fates) => void) => {
      const settled = open
      if (!settled) return
      open = undefined
      this.#written.remove(written)
      deadlines.delete(deadline)
      fate(settled)
    }
    const unanswered = () => {
      this.#leftUnanswered = true
      settle((one) => one.unanswered())
    }
    const written = this.#written.add(() => settle((one) => one.lost()))
    const deadline = deadlines.add(unanswered)
    link.write(encodeRequest(this.token, incoming), {
      written: () => {
        if (this.#isSilent) settle((one) => one.unanswered())
      },
      acknowledged: (args) => {
        const answer = decodeAcknowledgement(args)
        if (!answer.ok) return unanswered()
        this.#acknowledges = true
        if (open) settle((one) => one.acknowledged(answer.value))
        else late?.()
      },
    })
  }

  /** Behind what waits in the queue; for as long as an answer would be waited for, then into the queue itself. */
  #hold(incoming: Incoming): Promise<Outcome> {
    const { deadlines } = this.#parts
    return new Promise((resolve) => {
      const lost = () => {
        deadlines.delete(deadline)
        resolve(this.#keep(incoming))
      }
      const deliver = () => {
        deadlines.delete(deadline)
        if (this.#link) resolve(this.#deliverNow(this.#link, incoming))
      }
      const held: Held = { lost, deliver }
      const deadline = deadlines.add(() => {
        this.#held.delete(held)
        lost()
      })
      this.#held.add(held)
    })
  }

  async #keep(incoming: Incoming): Promise<Outcome> {
    this.#keeping++
    try {
      if (!(await this.#parts.queue.append(this.token, incoming))) return UNKNOWN
      this.#more = true
      this.#parts.wake(this.token)
      return QUEUED
    } finally {
      this.#keeping--
    }
  }

  #catchUp(link: Link): void {
    this.#state = 'behind'
    this.#drain(link).catch((error: unknown) => {
      this.#isStale = true
      this.#parts.onError(error)
      this.#goLive()
    })
  }

  async #drain(link: Link): Promise<void> {
    this.#isStale = false
    do {
      this.#more = false
      await link.room()
      const kept = await this.#parts.queue.read(this.token, this.#after)
      if (this.#state === 'closed') return
      if (kept.length > 0) await this.#deliverKept(link, kept)
    } while (this.#more || this.#keeping > 0)
    this.#goLive()
  }

  async #deliverKept(link: Link, kept: { seq: bigint; incoming: Incoming }[]): Promise<void> {
    const fates = await Promise.all(kept.map(({ seq, incoming }) => this.#writeKept(link, seq, incoming)))
    this.#after = kept.at(-1)?.seq ?? this.#after
    this.#more = true
    const done = kept.filter(
      (_, index) => fates[index] === 'done' || (fates[index] === 'left' && this.#isSilent),
    )
    if (done.length > 0)
      await this.#parts.queue.remove(
        this.token,
        done.map(({ seq }) => seq),
      )
  }

  #writeKept(link: Link, seq: bigint, incoming: Incoming): Promise<'done' | 'left' | 'lost'> {
    return new Promise((resolve) =>
      this.#write(link, incoming, {
        acknowledged: () => resolve('done'),
        unanswered: () => resolve('left'),
        lost: () => resolve('lost'),
        late: () => void this.#parts.queue.remove(this.token, [seq]).catch(this.#parts.onError),
      }),
    )
  }

  #goLive(): void {
    if (this.#state === 'closed') return
    this.#state = 'live'
    for (const held of this.#held) {
      if (this.#link?.isFull) {
        this.#catchUp(this.#link)
        return
      }
      this.#held.delete(held)
      held.deliver()
    }
  }
}
