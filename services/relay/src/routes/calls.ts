import type { Clock } from '../domain/ports.ts'

/** Milliseconds in which a process says that it has what it was sent; one that does not is gone, or as good as. */
const ACCEPT_PATIENCE_MS = 2_000
/** As long as a dead process' claims live on. One that lives after all is heard of before. */
const SILENCE_MS = 15_000

interface Call<T> {
  process: string
  settle(answer: T | undefined): void
  /** Waits for so long from now. */
  extend(): void
}

/** What this process sent to others and waits for. */
export class Calls<T> {
  readonly #clock: Clock
  readonly #open = new Map<number, Call<T>>()
  /** Processes that did not accept something, and until when nothing is sent to them. */
  readonly #silent = new Map<string, number>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The answer of a process, or `undefined`: it is not there, or did not answer within `patienceMs` after it accepted.
   *
   * @param send Sends the call of that number.
   */
  make(process: string, patienceMs: number, send: (call: number) => void): Promise<T | undefined> {
    if ((this.#silent.get(process) ?? 0) > this.#clock.now()) return Promise.resolve(undefined)
    const number = ++this.#last
    return new Promise((resolve) => {
      const settle = (answer: T | undefined) => {
        stop()
        this.#open.delete(number)
        resolve(answer)
      }
      let stop = this.#clock.after(ACCEPT_PATIENCE_MS, () => this.#isSilent(process))
      const extend = () => {
        stop()
        stop = this.#clock.after(patienceMs, () => settle(undefined))
      }
      this.#open.set(number, { process, settle, extend })
      send(number)
    })
  }

  accepted(number: number): void {
    this.#open.get(number)?.extend()
  }

  answered(number: number, answer: T | undefined): void {
    this.#open.get(number)?.settle(answer)
  }

  /** A process lives; without a name: who does is to be found out anew. */
  heard(process?: string): void {
    if (process === undefined) this.#silent.clear()
    else this.#silent.delete(process)
  }

  close(): void {
    for (const call of this.#open.values()) call.settle(undefined)
  }

  /** Gives up whatever waits for it, in order, so that what is done instead keeps the order. What it did may be done twice. */
  #isSilent(process: string): void {
    this.#silent.set(process, this.#clock.now() + SILENCE_MS)
    for (const call of this.#open.values()) if (call.process === process) call.settle(undefined)
  }
}
