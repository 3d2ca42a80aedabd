import { connect, type Socket } from 'node:net'

/** Most that one socket may leave unparsed, bytes. */
const CARRY_MAX = 8 * 1024 * 1024
/** Most that one read takes, bytes. */
const READ_MAX = 256 * 1024

export interface LinkOptions {
  port: number
  /** Parses `bytes[at..end)`, which are there until it returns, and answers where it stopped; what follows comes again. */
  consume(bytes: Buffer, at: number, end: number): number
  connected(): void
  /** Once; whatever the cause. */
  closed(why: string): void
}

/** The TCP connections of one load. All of them read into the same buffer, so that a read allocates nothing. */
export class Links {
  /** Reads that brought something. */
  reads = 0
  bytesRead = 0
  /** What a socket left unparsed is put before {@link CARRY_MAX}, what it reads behind. */
  readonly #area = Buffer.allocUnsafe(CARRY_MAX + READ_MAX)
  readonly #target = this.#area.subarray(CARRY_MAX)

  open({ port, consume, connected, closed }: LinkOptions): Socket {
    let carry: Buffer | undefined
    let carried = 0
    let why = 'the server closed the connection'
    const take = (length: number): boolean => {
      this.reads++
      this.bytesRead += length
      const start = CARRY_MAX - carried
      if (carried > 0) carry?.copy(this.#area, start, 0, carried)
      const end = CARRY_MAX + length
      const stopped = this.#try(consume, start, end, (message) => {
        why = message
        socket.destroy()
      })
      carried = end - stopped
      if (carried > CARRY_MAX) throw new Error('a message is larger than any that is expected')
      if (carried > 0) {
        if (carry === undefined || carry.length < carried) carry = Buffer.allocUnsafe(carried * 2)
        this.#area.copy(carry, 0, stopped, end)
      }
      return true
    }
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: this.#target, callback: take },
    })
    socket.once('connect', connected)
    socket.once('error', (error) => {
      why = error.message
    })
    socket.once('close', () => closed(why))
    return socket
  }

  #try(consume: LinkOptions['consume'], at: number, end: number, failed: (why: string) => void): number {
    try {
      return consume(this.#area, at, end)
    } catch (error) {
      failed((error as Error).message)
      return end
    }
  }
}
