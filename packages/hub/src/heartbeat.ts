import type { Clock } from './clock.ts'
import type { SocketConnection } from './socket-connection.ts'

const BEAT_MS = 1000

interface HeartbeatOptions<S> {
  clock: Clock
  pingSeconds: number
  silentSeconds: number
  connections: ReadonlyMap<string, SocketConnection<S>>
  silent(connection: SocketConnection<S>): void
}

/**
 * One timer for all: each second it looks who was silent for too long, cuts off who was told to go and did not, and
 * pings a share of the others, so that pings do not all leave at once.
 */
export class Heartbeat<S> {
  readonly #options: HeartbeatOptions<S>
  #beats = 0
  #stop: (() => void) | undefined

  constructor(options: HeartbeatOptions<S>) {
    this.#options = options
  }

  /** Beats until there is no connection left. */
  start(): void {
    this.#stop ??= this.#options.clock.every(BEAT_MS, () => this.#beat())
  }

  #beat(): void {
    const { clock, connections, pingSeconds } = this.#options
    const now = clock.now()
    const turn = this.#beats++
    for (const connection of connections.values())
      if (!this.#over(connection, now) && (turn + connection.beat) % pingSeconds === 0 && connection.open)
        connection.ping()
    if (connections.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  /** Whether it ends now. */
  #over(connection: SocketConnection<S>, now: number): boolean {
    const heard = connection.socket?.bytesRead ?? 0
    if (heard !== connection.bytesHeard) {
      connection.bytesHeard = heard
      connection.heardAt = now
    }
    if (now - connection.heardAt >= this.#options.silentSeconds * 1000) this.#options.silent(connection)
    else if (connection.deadline !== 0 && now >= connection.deadline) connection.ws.terminate()
    else return false
    return true
  }
}
