import type { Clock } from '../src/clock.ts'

/** Time that moves only when told to. */
export class FakeClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ ms: number; next: number; call: () => void }>()

  now(): number {
    return this.#now
  }

  every(ms: number, call: () => void): () => void {
    const timer = { ms, next: this.#now + ms, call }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that somebody started and did not stop. */
  get running(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(({ next }) => next <= end).sort((a, b) => a.next - b.next)[0]
      if (!due) break
      this.#now = due.next
      due.next += due.ms
      due.call()
    }
    this.#now = end
  }
}
