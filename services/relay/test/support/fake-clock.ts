import type { Clock } from '../../src/domain/ports.ts'

/** A clock that stands still until it is told to advance. */
export class FakeClock implements Clock {
  #time = 1_000
  readonly #timers = new Map<() => void, number>()

  now = (): number => this.#time

  /** How many timers are waiting. */
  get armed(): number {
    return this.#timers.size
  }

  after(ms: number, run: () => void): () => void {
    const once = () => run()
    this.#timers.set(once, this.#time + ms)
    return () => this.#timers.delete(once)
  }

  advance(ms: number): void {
    const end = this.#time + ms
    for (;;) {
      const [next] = [...this.#timers].filter(([, due]) => due <= end).sort(([, a], [, b]) => a - b)
      if (!next) break
      this.#timers.delete(next[0])
      this.#time = next[1]
      next[0]()
    }
    this.#time = end
  }
}
