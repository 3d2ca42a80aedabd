import type { Clock, Stop } from '../../src/domain/clock.ts'

interface Timer {
  at: number
  every: number | undefined
  call: () => void
}

/** Time that passes when the test says so; promises settle in between. */
export class FakeClock implements Clock {
  #now = 1_790_000_000_000
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  after(milliseconds: number, call: () => void): Stop {
    return this.#add({ at: this.#now + milliseconds, every: undefined, call })
  }

  every(milliseconds: number, call: () => void): Stop {
    return this.#add({ at: this.#now + milliseconds, every: milliseconds, call })
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settled()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.at
      if (next.every === undefined) this.#timers.delete(next)
      else next.at += next.every
      next.call()
      await settled()
    }
    this.#now = end
  }

  /** As somebody does who sets a machine's clock: what waits is not delayed by it. */
  setBack(milliseconds: number): void {
    this.#now -= milliseconds
    for (const timer of this.#timers) timer.at -= milliseconds
  }

  get timers(): number {
    return this.#timers.size
  }

  #add(timer: Timer): Stop {
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.sort((a, b) => a.at - b.at)[0]
  }
}

/** Every promise that can settle without time passing has settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
