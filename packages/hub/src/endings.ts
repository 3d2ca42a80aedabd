import { CLOSE_REASONS, type CloseCode } from '@switchboard/protocol/close-codes'
import type { Clock } from './clock.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import type { SocketConnection } from './socket-connection.ts'
import type { Topics } from './topics.ts'

/** How long a client that was told to go may take to answer. */
const GRACE_MS = 2000

interface EndingsOptions<S> {
  clock: Clock
  connections: Map<string, SocketConnection<S>>
  outgoing: Outgoing<S>
  incoming: Incoming<S>
  topics: Topics<S>
  closed(connection: SocketConnection<S>): void | Promise<void>
  onError(error: unknown, connection: SocketConnection<S>): void
}

/** How connections end: by the service, by the client, for what they did, or all at once. */
export class Endings<S> {
  /** How many the hub ended, by reason. */
  readonly drops = { slowConsumer: 0, tooManyMessages: 0, silent: 0, malformed: 0 }
  readonly #options: EndingsOptions<S>
  /** Promises of `closed` handlers. */
  readonly #pending = new Set<Promise<void>>()
  #allClosed: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  constructor(options: EndingsOptions<S>) {
    this.#options = options
  }

  get closing(): boolean {
    return this.#allClosed !== undefined
  }

  closeAll(): Promise<void> {
    this.#allClosed ??= this.#shutDown()
    return this.#allClosed
  }

  async #shutDown(): Promise<void> {
    const connections = this.#options.connections
    for (const connection of connections.values()) this.close(connection, 1012, CLOSE_REASONS.restarting)
    if (connections.size > 0) {
      const stop = this.#options.clock.every(GRACE_MS, () => {
        for (const connection of connections.values())
          if (connection.gone) this.finish(connection)
          else connection.ws.terminate()
      })
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
      stop()
    }
    await Promise.all(this.#pending)
  }

  close(connection: SocketConnection<S>, code: CloseCode, reason: string | undefined): void {
    this.#options.outgoing.flush(connection)
    this.#options.incoming.drop(connection)
    if (connection.deadline === 0) connection.deadline = this.#options.clock.now() + GRACE_MS
    connection.ws.close(code, reason)
  }

  slow(connection: SocketConnection<S>): void {
    this.drops.slowConsumer++
    this.close(connection, 1013, CLOSE_REASONS.slowConsumer)
  }

  flood(connection: SocketConnection<S>): void {
    this.drops.tooManyMessages++
    this.close(connection, 1008, CLOSE_REASONS.tooManyMessages)
  }

  silent(connection: SocketConnection<S>): void {
    if (connection.gone) {
      this.finish(connection)
      return
    }
    if (connection.deadline === 0) this.drops.silent++
    this.#options.incoming.drop(connection)
    connection.deadline = this.#options.clock.now()
    connection.ws.terminate()
  }

  /** `ws` has closed it already; what came before is still handled. */
  malformed(connection: SocketConnection<S>): void {
    this.drops.malformed++
    if (connection.deadline === 0) connection.deadline = this.#options.clock.now() + GRACE_MS
  }

  ended(connection: SocketConnection<S>): void {
    connection.gone = true
    this.#options.incoming.ended(connection)
  }

  finish(connection: SocketConnection<S>): void {
    if (this.#options.connections.get(connection.id) !== connection) return
    this.#options.incoming.drop(connection)
    for (const topic of connection.topics) this.#options.topics.leave(connection, topic)
    this.#options.connections.delete(connection.id)
    const ending = this.#tellClosed(connection)
    this.#pending.add(ending)
    void ending.then(() => this.#pending.delete(ending))
    if (this.#options.connections.size === 0) this.#onEmpty?.()
  }

  async #tellClosed(connection: SocketConnection<S>): Promise<void> {
    try {
      await this.#options.closed(connection)
    } catch (error) {
      this.#options.onError(error, connection)
    }
  }
}
