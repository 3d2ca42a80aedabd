import { connect, type Socket } from 'node:net'
import { type Consume, Inflow, ReadArea } from './inflow.ts'

export interface LinkOptions {
  port: number
  /** Where it throws, the connection is cut, with that as the reason. */
  consume: Consume
  connected(): void
  /** Once; whatever the cause. */
  closed(why: string): void
}

/** The TCP connections of one load, to this machine. */
export class Links {
  /** Reads that brought something. */
  reads = 0
  bytesRead = 0
  readonly #area = new ReadArea()

  open({ port, consume, connected, closed }: LinkOptions): Socket {
    const inflow = new Inflow(this.#area, consume)
    let why = 'the server closed the connection'
    const callback = (length: number): boolean => {
      this.reads++
      this.bytesRead += length
      try {
        inflow.take(length)
      } catch (error) {
        why = (error as Error).message
        socket.destroy()
      }
      return true
    }
    const onread = { buffer: this.#area.target, callback }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    socket.once('connect', connected)
    socket.once('error', (error) => {
      why = error.message
    })
    socket.once('close', () => closed(why))
    return socket
  }
}
