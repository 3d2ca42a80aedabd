import type { Clock } from './clock.ts'
import { Inbox } from './inbox.ts'
import type { SocketConnection } from './socket-connection.ts'

/** Characters waiting for one connection's turn, past which its socket is not read until half of them are gone. */
const PAUSE_SIZE = 1024 * 1024
/** How often those that sent too fast are looked at, while there are any: the limit's grain of 50 messages a second. */
const DELAY_MS = 20

interface IncomingOptions<S> {
  limits: { readonly burst: number; readonly perSecond: number; readonly waiting: number } | false
  clock: Clock
  message(connection: SocketConnection<S>, text: string | undefined): unknown
  onError(error: unknown, connection: SocketConnection<S>): void
  /** It has more messages waiting than may. */
  flood(connection: SocketConnection<S>): void
  /** It is gone, and all that it sent was handled. */
  finished(connection: SocketConnection<S>): void
}

/** Hands each connection's messages to the handler, one after the other and no faster than the limit. */
export class Incoming<S> {
  received = 0
  readonly #options: IncomingOptions<S>
  #delayed = new Set<SocketConnection<S>>()
  #stop: (() => void) | undefined

  constructor(options: IncomingOptions<S>) {
    this.#options = options
  }

  receive(connection: SocketConnection<S>, text: string | undefined): void {
    if (connection.deadline !== 0) return
    this.received++
    if (!connection.inbox && !connection.busy && this.#allow(connection)) this.#handle(connection, text)
    else this.#wait(connection, text)
  }

  /** Forgets what waits; its socket is read again, so that the close handshake can end. */
  drop(connection: SocketConnection<S>): void {
    if (connection.inbox?.paused) connection.ws.resume()
    connection.inbox = undefined
    this.#delayed.delete(connection)
  }

  /** Tells `finished` now or when the last message of a connection that is gone was handled. */
  ended(connection: SocketConnection<S>): void {
    if (!connection.busy && !connection.inbox) this.#options.finished(connection)
  }

  #wait(connection: SocketConnection<S>, text: string | undefined): void {
    const { limits, flood } = this.#options
    connection.inbox ??= new Inbox()
    const { inbox } = connection
    inbox.push(text)
    if (limits && inbox.length >= limits.waiting) {
      flood(connection)
      return
    }
    if (inbox.size > PAUSE_SIZE && !inbox.paused) {
      inbox.paused = true
      connection.ws.pause()
    }
    if (!connection.busy) this.#delay(connection)
  }

  #handle(connection: SocketConnection<S>, text: string | undefined): void {
    try {
      const pending = this.#options.message(connection, text)
      if (pending !== undefined) this.#await(connection, pending)
    } catch (error) {
      this.#options.onError(error, connection)
    }
  }

  #await(connection: SocketConnection<S>, pending: unknown): void {
    connection.busy = true
    Promise.resolve(pending).then(
      () => this.#handled(connection),
      (error) => {
        this.#options.onError(error, connection)
        this.#handled(connection)
      },
    )
  }

  #handled(connection: SocketConnection<S>): void {
    connection.busy = false
    this.#drain(connection)
  }

  #drain(connection: SocketConnection<S>): void {
    while (connection.inbox && !connection.busy) {
      if (!this.#allow(connection)) {
        this.#delay(connection)
        return
      }
      connection.heardAt = this.#options.clock.now()
      this.#handle(connection, this.#next(connection, connection.inbox))
    }
    if (connection.gone) this.ended(connection)
  }

  #next(connection: SocketConnection<S>, inbox: Inbox): string | undefined {
    const text = inbox.shift()
    if (inbox.paused && inbox.size <= PAUSE_SIZE / 2) {
      inbox.paused = false
      connection.ws.resume()
    }
    if (inbox.length === 0) connection.inbox = undefined
    return text
  }

  /**
   * The token bucket, kept as one number: when the bucket will be full again. A message moves that on by the time that
   * one token takes; it may not be further away than all tokens take.
   */
  #allow(connection: SocketConnection<S>): boolean {
    const { limits, clock } = this.#options
    if (!limits) return true
    const now = clock.now()
    const perToken = 1000 / limits.perSecond
    const fullAt = Math.max(connection.fullAt, now) + perToken
    if (fullAt - now > limits.burst * perToken) return false
    connection.fullAt = fullAt
    return true
  }

  #delay(connection: SocketConnection<S>): void {
    this.#delayed.add(connection)
    this.#stop ??= this.#options.clock.every(DELAY_MS, () => this.#drainDelayed())
  }

  #drainDelayed(): void {
    const due = this.#delayed
    this.#delayed = new Set()
    for (const connection of due) this.#drain(connection)
    if (this.#delayed.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }
}
