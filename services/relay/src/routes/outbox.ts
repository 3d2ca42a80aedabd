import { SLOW_CONSUMER_BYTES } from '@switchboard/protocol/limits'
import type { Socket } from 'socket.io'

type EngineSocket = Socket['conn']

/** How much waits for one client, from what Engine.IO says it made and handed on. */
export class Outbox {
  #bytes = 0
  #waiting: (() => void)[] = []
  #isClosed = false

  constructor(connection: EngineSocket) {
    connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      this.#bytes += data?.length ?? 0
    })
    connection.on('flush', () => {
      this.#bytes = 0
      this.#release()
    })
    connection.once('close', () => {
      this.#isClosed = true
      this.#release()
    })
  }

  get isFull(): boolean {
    return this.#bytes > SLOW_CONSUMER_BYTES
  }

  /** Resolves when it is not full, or closed. */
  room(): Promise<void> {
    if (!this.isFull || this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
