import type { Socket as NetSocket } from 'node:net'
import { SLOW_CONSUMER_BYTES } from '@switchboard/protocol/limits'
import type { Socket } from 'socket.io'

type EngineSocket = Socket['conn']

/**
 * What is on its way to one client. What one turn of the event loop has for it leaves in as few writes as Engine.IO lets
 * it: two, where it would make one for each packet. How much waits is known from what Engine.IO says it made and handed
 * on.
 */
export class Outbox {
  /** Bytes that Engine.IO holds, and about as many as the turn will add. */
  #bytes = 0
  #turnBytes = 0
  #turn: (() => void)[] = []
  #waiting: (() => void)[] = []
  #isClosed = false
  readonly #endOfTurn = (): void => {
    this.#turnBytes = 0
    for (const send of this.#turn.splice(0)) send()
  }

  /** @param socketOf what the connection's packets are written to; `undefined` while it polls */
  constructor(connection: EngineSocket, socketOf: () => NetSocket | undefined) {
    connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      this.#bytes += data?.length ?? 0
    })
    connection.on('flush', () => {
      this.#bytes = 0
      this.#release()
      cork(socketOf())
    })
    connection.once('close', () => {
      this.#isClosed = true
      this.#release()
    })
  }

  get isFull(): boolean {
    return this.#bytes + this.#turnBytes > SLOW_CONSUMER_BYTES
  }

  /** Resolves when it is not full, or closed. */
  room(): Promise<void> {
    if (!this.isFull || this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** `send`, which sends about so many bytes, is called at the end of the turn. */
  add(bytes: number, send: () => void): void {
    if (this.#turn.length === 0) setImmediate(this.#endOfTurn)
    this.#turn.push(send)
    this.#turnBytes += bytes
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Engine.IO writes each packet of a flush by itself, at once. */
function cork(socket: NetSocket | undefined): void {
  if (!socket) return
  socket.cork()
  process.nextTick(() => socket.uncork())
}
