import type { Clock } from './clock.ts'
import type { SocketConnection } from './socket-connection.ts'

/**
 * How long a connection is not written to again, for each member of the topic that it was written for. A write costs 4
 * to 6 µs of CPU (infra/bench), so a busy room's take a fifth of the time at most, and a room of less than 34 never
 * waits.
 */
const REST_MICROS = 30
/** What resting may add to the time that a message takes, in rooms of 1,700 and more; in one of 1,000 it is 30. */
const REST_MAX_MS = 50
/** Bytes that do not wait: one write of so many costs hardly more than its bytes do, so more would gain little. */
const AMPLE_BYTES = 2048

/**
 * Connections that were written to a moment ago together with so many others that it is worth to wait with the next
 * write: what comes meanwhile leaves with it. A message to a connection that was quiet leaves at once, in whatever room.
 */
export class Resting<S> {
  readonly #clock: Clock
  readonly #over: (rested: SocketConnection<S>[]) => void
  #resting: SocketConnection<S>[] = []
  #wakesAt = 0
  #stop: (() => void) | undefined

  /** @param over is handed those whose rest is over, and who have something to be written */
  constructor(clock: Clock, over: (rested: SocketConnection<S>[]) => void) {
    this.#clock = clock
    this.#over = over
  }

  /** Of those who have something to be written, whoever is to be written to now, and rests from then on. */
  awake(connections: readonly SocketConnection<S>[]): SocketConnection<S>[] {
    const now = this.#clock.now()
    return connections.filter((connection) => {
      const rests = now < connection.restsUntil && !isAmple(connection)
      if (rests) this.#rest(connection, now)
      else connection.restsUntil = now + restMs(connection.outbox?.audience ?? 0)
      return !rests
    })
  }

  /** More is to be written to a resting connection; `true` where that is enough to be written now. */
  ends(connection: SocketConnection<S>): boolean {
    if (!connection.resting || !isAmple(connection)) return false
    connection.resting = false
    return true
  }

  #rest(connection: SocketConnection<S>, now: number): void {
    connection.resting = true
    this.#resting.push(connection)
    this.#wake(connection.restsUntil, now)
  }

  #wake(at: number, now: number): void {
    if (this.#stop && this.#wakesAt <= at) return
    this.#stop?.()
    this.#wakesAt = at
    this.#stop = this.#clock.every(Math.max(1, at - now), () => this.#awake())
  }

  #awake(): void {
    this.#stop?.()
    this.#stop = undefined
    const now = this.#clock.now()
    const resting = this.#resting
    const rested: SocketConnection<S>[] = []
    this.#resting = []
    for (const connection of resting) {
      if (!connection.resting) continue
      if (now < connection.restsUntil) this.#rest(connection, now)
      else {
        connection.resting = false
        rested.push(connection)
      }
    }
    this.#over(rested)
  }
}

const restMs = (audience: number): number =>
  Math.min(REST_MAX_MS, Math.floor((audience * REST_MICROS) / 1000))

const isAmple = ({ outbox }: SocketConnection<unknown>): boolean => (outbox?.size ?? 0) >= AMPLE_BYTES
