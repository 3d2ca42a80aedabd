import { Line, type Place } from './line.ts'
import type { Clock } from './ports.ts'

interface Deadline {
  due: number
  expire(): void
}

/** One patience for all, so that those who came first are due first and one timer is enough. */
export class Deadlines {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #waiting = new Line<Deadline>()
  #disarm: (() => void) | undefined

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock
    this.#patienceMs = patienceMs
  }

  /** `expire` is called once the patience is over; the answer is for {@link delete}. */
  add(expire: () => void): Place<Deadline> {
    const place = this.#waiting.add({ due: this.#clock.now() + this.#patienceMs, expire })
    if (!this.#disarm) this.#arm(this.#patienceMs)
    return place
  }

  delete(place: Place<Deadline>): void {
    this.#waiting.remove(place)
  }

  close(): void {
    this.#disarm?.()
    this.#waiting.clear()
  }

  #arm(ms: number): void {
    this.#disarm?.()
    this.#disarm = this.#clock.after(ms, () => {
      this.#disarm = undefined
      this.#run(this.#clock.now())
    })
  }

  #run(now: number): void {
    for (let place = this.#waiting.first; place; place = this.#waiting.first) {
      const { due, expire } = place.item
      if (due > now) {
        this.#arm(due - now)
        return
      }
      this.#waiting.remove(place)
      expire()
    }
  }
}
