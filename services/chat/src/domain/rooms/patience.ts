import type { Clock, Stop } from '../clock.ts'

/** What does not wait for more: storing costs so many hardly more than one. */
const AMPLE = { messages: 5, bytes: 2048 } as const
/** Storing takes 1 to 3 ms: so long before anybody would see a message it is stored. */
const LEAD_MS = 4
/** Nobody waits longer, also where the clock was set back meanwhile. */
const MAX_MS = 50

/** How long a batch of messages collects: as long as nobody would see any of them sooner. */
export class Patience {
  readonly #clock: Clock
  #messages = 0
  #bytes = 0
  /** When the first of them has to be stored, milliseconds since the epoch. */
  #until = Number.POSITIVE_INFINITY
  #end: (() => void) | undefined
  #stop: Stop | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * One more is in the batch.
   *
   * @param unseenMs how long nobody would see it if it were stored now
   */
  add(bytes: number, unseenMs: number): void {
    this.#messages++
    this.#bytes += bytes
    const until = this.#clock.now() + unseenMs - LEAD_MS
    const isFirst = until < this.#until
    if (isFirst) this.#until = until
    if (isFirst || this.#isAmple) this.#look()
  }

  /** What is in the batch waits no longer. */
  end(): void {
    this.#until = 0
    this.#look()
  }

  /** Resolves when the batch is to be stored; the next one begins then. */
  async over(): Promise<void> {
    if (this.#leftMs > 0) {
      await new Promise<void>((resolve) => {
        this.#end = resolve
        this.#look()
      })
      this.#end = undefined
      // With all that this turn of the event loop brings.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#messages = 0
    this.#bytes = 0
    this.#until = Number.POSITIVE_INFINITY
  }

  /** Ends the wait that is under way, now or when its time is over. */
  #look(): void {
    if (!this.#end) return
    this.#stop?.()
    if (this.#leftMs > 0) this.#stop = this.#clock.after(this.#leftMs, this.#end)
    else this.#end()
  }

  get #isAmple(): boolean {
    return this.#messages >= AMPLE.messages || this.#bytes >= AMPLE.bytes
  }

  /** What was left over from the batch before is not counted, and does not wait. */
  get #leftMs(): number {
    return this.#isAmple || this.#messages === 0 ? 0 : Math.min(MAX_MS, this.#until - this.#clock.now())
  }
}
