import type { Clock } from './clock.ts'
import type { Topic } from './topic.ts'

/**
 * How long a topic is not written again, for each of its members. A write costs 4 to 6 µs of CPU (infra/bench), so a
 * busy room's take a fifth of the time at most, and a room of less than 34 never waits.
 */
const REST_MICROS = 30
/** What resting may add to the time that a message takes, in rooms of 1,700 and more; in one of 1,000 it is 30. */
const REST_MAX_MS = 50
/** Bytes that do not wait: one write of so many costs hardly more than its bytes do, so more would gain little. */
const AMPLE_BYTES = 2048

/**
 * Topics that were written to so many members a moment ago that it is worth to wait with the next writes: what comes
 * meanwhile leaves with them. A message to a topic that was quiet leaves at once.
 */
export class Resting<S> {
  readonly #clock: Clock
  readonly #over: (topics: readonly Topic<S>[]) => void
  /** Those that have something to be written. */
  readonly #resting = new Set<Topic<S>>()
  #wakesAt = 0
  #stop: (() => void) | undefined

  /** @param over is handed those that rested until one's rest was over, to ask {@link awake} about them again */
  constructor(clock: Clock, over: (topics: readonly Topic<S>[]) => void) {
    this.#clock = clock
    this.#over = over
  }

  /** Topics that have something to be written, and wait. */
  get size(): number {
    return this.#resting.size
  }

  /** Milliseconds until what is delivered to the topic next is written; 0: at once. */
  left(topic: Topic<S>): number {
    return Math.max(0, topic.restsUntil - this.#clock.now())
  }

  /** Of topics that have something to be written, those that are written now, and rest from then on. */
  awake(topics: Iterable<Topic<S>>): Topic<S>[] {
    const now = this.#clock.now()
    const awake: Topic<S>[] = []
    for (const topic of topics)
      if (now < topic.restsUntil && topic.bytes < AMPLE_BYTES) this.#rest(topic, now)
      else {
        this.#resting.delete(topic)
        topic.restsUntil = now + restMs(topic.members.size)
        awake.push(topic)
      }
    return awake
  }

  #rest(topic: Topic<S>, now: number): void {
    this.#resting.add(topic)
    this.#wake(topic.restsUntil, now)
  }

  #wake(at: number, now: number): void {
    if (this.#stop && this.#wakesAt <= at) return
    this.#stop?.()
    this.#wakesAt = at
    this.#stop = this.#clock.every(Math.max(1, at - now), () => this.#awaken())
  }

  #awaken(): void {
    this.#stop?.()
    this.#stop = undefined
    const resting = [...this.#resting]
    this.#resting.clear()
    this.#over(resting)
  }
}

const restMs = (members: number): number => Math.min(REST_MAX_MS, Math.floor((members * REST_MICROS) / 1000))
