import { UNSTORED } from '@switchboard/protocol/chat'
import { type Clock, type Stop, sleep } from '../clock.ts'
import type { Draft } from './message.ts'
import { Patience } from './patience.ts'
import { resume, type Sender } from './sender.ts'

/** What is needed of the store. Every call rejects where it does not answer. */
export interface WriterStore {
  /**
   * Stores all of them, in this order and at once, and answers their numbers by id. Answers nothing, and stores nothing,
   * where the database gets to it later than `withinMs` from now.
   */
  append(drafts: readonly Draft[], withinMs: number): Promise<Map<string, number>>
  /** The numbers of those that are stored. */
  numbersOf(ids: readonly string[]): Promise<Map<string, number>>
  remove(ids: readonly string[]): Promise<void>
}

export interface Stored {
  draft: Draft
  number: number
}

export interface WriterOptions {
  store: WriterStore
  clock: Clock
  /** Milliseconds for which nobody would see a message of the room if it were stored now. */
  unseenMs(roomId: string): number
  /** Messages that are stored, those of one room in the order of their numbers. */
  onStored(messages: readonly Stored[]): void
  onError(error: unknown): void
}

interface Item {
  sender: Sender
  draft: Draft
  bytes: number
  /** When it must be stored, milliseconds since the epoch. */
  deadline: number
  /** The database was asked to store it, and did not say whether it did. */
  doubtful: boolean
}

/** Of one write. */
const BATCH = { messages: 500, bytes: 1024 * 1024 } as const
/** Bytes of one sender that wait while the database answers; then its next message is held back. */
const HOLD_BYTES = UNSTORED.bytes / 4
const RETRY_MS = 250
const WATCH_MS = 250
/** A write that takes longer counts as a database that is gone. */
const SLOW_MS = 1000
/** What a closing writer waits for. */
const CLOSE_MS = 3000

/**
 * Stores what senders say in batches: while one is written, the next one collects, and for as long as nobody would see
 * what is in it anyway.
 */
export class Writer {
  readonly #options: WriterOptions
  readonly #patience: Patience
  /** Waiting, oldest first. */
  #queue: Item[] = []
  /** In the write that is under way. */
  #writing: readonly Item[] = []
  /** Given up after the database was asked to store them, with their deadlines: they must not stay there. */
  readonly #disowned = new Map<string, number>()
  #running: Promise<void> | undefined
  #startedAt = 0
  #failing = false
  #closing = false
  #closed = false
  #stopWatch: Stop | undefined
  #stored = 0
  #givenUp = 0

  constructor(options: WriterOptions) {
    this.#options = options
    this.#patience = new Patience(options.clock)
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#queue.length + this.#writing.length
  }

  /** Messages that were stored. */
  get stored(): number {
    return this.#stored
  }

  /** Senders whose messages could not be stored in time. */
  get givenUp(): number {
    return this.#givenUp
  }

  /** @returns a promise where the sender's next message must wait for it */
  add(sender: Sender, draft: Draft, bytes: number): Promise<void> | undefined {
    if (sender.gone || this.#closing) return undefined
    if (sender.waiting + bytes > UNSTORED.bytes) {
      this.#giveUp(sender)
      return undefined
    }
    sender.waiting += bytes
    const deadline = this.#options.clock.now() + UNSTORED.seconds * 1000
    this.#queue.push({ sender, draft, bytes, deadline, doubtful: false })
    this.#patience.add(bytes, this.#options.unseenMs(draft.roomId))
    this.#start()
    if (this.#failing || sender.waiting <= HOLD_BYTES) return undefined
    return new Promise((resolve) => {
      sender.resume = resolve
    })
  }

  /** Takes nothing more; resolves once what waits is stored, or after 3 s. */
  async close(): Promise<void> {
    this.#closing = true
    this.#patience.end()
    await Promise.race([this.#running, sleep(this.#options.clock, CLOSE_MS)])
    this.#closed = true
  }

  #start(): void {
    this.#stopWatch ??= this.#options.clock.every(WATCH_MS, () => this.#watch())
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Everything that this turn of the event loop brings goes into the first batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (!this.#closed && (this.#queue.length > 0 || this.#disowned.size > 0)) {
      if (this.#queue.length > 0 && !this.#failing) await this.#patience.over()
      this.#writing = this.#takeBatch()
      this.#startedAt = this.#options.clock.now()
      try {
        await this.#write(this.#writing)
      } catch (error) {
        if (!this.#failing) this.#options.onError(error)
        this.#fails()
        this.#putBack(this.#writing)
      }
      const onlyDisowned = this.#queue.length === 0 && this.#disowned.size > 0
      if (this.#failing || onlyDisowned) await sleep(this.#options.clock, RETRY_MS)
    }
    // At once with the last look at the queue: what came in between would wait for whoever comes next.
    this.#running = undefined
    this.#stopWatch?.()
    this.#stopWatch = undefined
  }

  #takeBatch(): Item[] {
    let bytes = 0
    let count = 0
    for (const item of this.#queue) {
      if (count === BATCH.messages || (count > 0 && bytes + item.bytes > BATCH.bytes)) break
      bytes += item.bytes
      count++
    }
    return this.#queue.splice(0, count)
  }

  #putBack(items: readonly Item[]): void {
    this.#writing = []
    this.#queue = [...items.filter(({ sender }) => !sender.gone), ...this.#queue]
  }

  async #write(batch: readonly Item[]): Promise<void> {
    const { store, clock } = this.#options
    if (this.#disowned.size > 0) await this.#removeDisowned()
    const doubtful = batch.filter((item) => item.doubtful).map(({ draft }) => draft.id)
    const found = doubtful.length > 0 ? await store.numbersOf(doubtful) : new Map<string, number>()
    const missing = batch.filter(({ draft, sender }) => !found.has(draft.id) && !sender.gone)
    const [oldest] = missing
    if (oldest) {
      for (const item of missing) item.doubtful = true
      const drafts = missing.map(({ draft }) => draft)
      for (const [id, number] of await store.append(drafts, oldest.deadline - clock.now())) {
        found.set(id, number)
      }
    }
    this.#settle(batch, found)
  }

  /** Until their deadlines, a write that the database is still at may bring them back. */
  async #removeDisowned(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.now()
    const ids = [...this.#disowned]
    await store.remove(ids.map(([id]) => id))
    for (const [id, deadline] of ids) if (deadline < now) this.#disowned.delete(id)
  }

  /** The database has answered: nothing in the batch is doubtful any more. */
  #settle(batch: readonly Item[], numbers: ReadonlyMap<string, number>): void {
    const stored: Stored[] = []
    const left: Item[] = []
    for (const item of batch) {
      const number = numbers.get(item.draft.id)
      item.doubtful = false
      if (item.sender.gone) {
        if (number === undefined) this.#disowned.delete(item.draft.id)
      } else if (number === undefined) left.push(item)
      else {
        stored.push({ draft: item.draft, number })
        item.sender.waiting -= item.bytes
        resume(item.sender)
      }
    }
    this.#failing = left.length > 0
    this.#stored += stored.length
    this.#putBack(left)
    this.#options.onStored(stored.sort((a, b) => a.number - b.number))
  }

  #watch(): void {
    const now = this.#options.clock.now()
    if (this.#writing.length > 0 && now - this.#startedAt > SLOW_MS) this.#fails()
    for (const { deadline, sender } of [...this.#writing, ...this.#queue]) {
      if (deadline <= now && !sender.gone) this.#giveUp(sender)
    }
  }

  /** While the database is gone nobody is held back: what comes must be counted. */
  #fails(): void {
    this.#failing = true
    for (const { sender } of [...this.#writing, ...this.#queue]) resume(sender)
  }

  #giveUp(sender: Sender): void {
    sender.gone = true
    this.#givenUp++
    const theirs = (item: Item) => item.sender === sender
    for (const item of [...this.#writing, ...this.#queue].filter(theirs)) {
      if (item.doubtful) this.#disowned.set(item.draft.id, item.deadline)
    }
    this.#queue = this.#queue.filter((item) => !theirs(item))
    resume(sender)
    sender.undelivered()
  }
}
