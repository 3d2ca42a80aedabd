import type { Clock } from './ports.ts'

export interface Deadline {
  expire(): void
}

/** One patience for all, so that those who came first are due first and one timer is enough. */
export class Deadlines {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #due = new Map<Deadline, number>()
  #disarm: (() => void) | undefined

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock
    this.#patienceMs = patienceMs
  }

  add(deadline: Deadline): void {
    this.#due.set(deadline, this.#clock.now() + this.#patienceMs)
    if (!this.#disarm) this.#arm(this.#patienceMs)
  }

  delete(deadline: Deadline): void {
    this.#due.delete(deadline)
  }

  close(): void {
    this.#disarm?.()
    this.#due.clear()
  }

  #arm(ms: number): void {
    this.#disarm?.()
    this.#disarm = this.#clock.after(ms, () => {
      this.#disarm = undefined
      this.#run(this.#clock.now())
    })
  }

  #run(now: number): void {
    for (const [deadline, due] of this.#due) {
      if (due > now) {
        this.#arm(due - now)
        return
      }
      this.#due.delete(deadline)
      deadline.expire()
    }
  }
}
