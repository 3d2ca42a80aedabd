import type { Socket as NetSocket } from 'node:net'
import type { Socket } from 'socket.io'

type EngineSocket = Socket['conn']

/**
 * Sends what one turn of the event loop has for a client in as few writes as Engine.IO lets it: two, where it would make
 * one for each packet.
 */
export class Burst {
  #waiting: (() => void)[] = []
  readonly #endOfTurn = (): void => {
    for (const send of this.#waiting.splice(0)) send()
  }

  /** @param socketOf what the connection's packets are written to; `undefined` while it polls */
  constructor(connection: EngineSocket, socketOf: () => NetSocket | undefined) {
    // Engine.IO writes each packet of a flush by itself.
    connection.on('flush', () => {
      const socket = socketOf()
      if (!socket) return
      socket.cork()
      process.nextTick(() => socket.uncork())
    })
  }

  /** `send` is called at the end of the turn. */
  add(send: () => void): void {
    if (this.#waiting.length === 0) setImmediate(this.#endOfTurn)
    this.#waiting.push(send)
  }
}
