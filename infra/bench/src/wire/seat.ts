import type { Socket } from 'node:net'
import type { Step } from '../load/wires.ts'
import { encodeFrame, OPCODES, readFrames } from './frames.ts'
import type { Links } from './links.ts'

export interface SeatOptions {
  links: Links
  port: number
  transport: 'websocket' | 'lines'
  path: string
  protocols: readonly string[]
  steps: readonly Step[]
  answer: ((text: string) => string | undefined) | undefined
  /** Each text once the seat is ready; answers how many messages it was. The bytes are there until it returns. */
  heard(seat: Seat, bytes: Buffer, start: number, end: number): number
  ready(seat: Seat): void
  /** Once, but not after {@link Seat.leave}. */
  lost(seat: Seat, why: string): void
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const END_OF_HEAD = '\r\n\r\n'

/** One connection: shakes hands, takes its steps, then hands on what comes. */
export class Seat {
  readonly index: number
  readonly #options: SeatOptions
  readonly #socket: Socket
  #open = false
  #ready = false
  #step = 0
  #left = false

  constructor(index: number, options: SeatOptions) {
    this.index = index
    this.#options = options
    const lines = options.transport === 'lines'
    this.#socket = options.links.open({
      port: options.port,
      consume: lines
        ? (bytes, at, end) => this.#lines(bytes, at, end)
        : (bytes, at, end) => this.#bytes(bytes, at, end),
      connected: () => {
        if (lines) this.#opened()
        else this.#socket.write(this.#upgrade())
      },
      closed: (why) => {
        if (!this.#left) options.lost(this, why)
      },
    })
  }

  /** Bytes as they go out: a frame, or a line with its end. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Bytes that say `text`. */
  encode(text: string): Buffer {
    return this.#options.transport === 'lines' ? Buffer.from(`${text}\r\n`) : encodeFrame(OPCODES.text, text)
  }

  leave(): void {
    this.#left = true
    this.#socket.destroy()
  }

  /** Called by {@link readFrames}. */
  frame(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODES.text) this.#text(bytes, start, end)
    else if (opcode === OPCODES.ping)
      this.write(encodeFrame(OPCODES.pong, Buffer.from(bytes.subarray(start, end))))
    else if (opcode === OPCODES.close) {
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : 'no code'
      throw new Error(`the server closed it with ${code} ${bytes.toString('utf8', start + 2, end)}`.trimEnd())
    }
  }

  #upgrade(): string {
    const { path, protocols, port } = this.#options
    const offer = protocols.length === 0 ? '' : `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`
    return (
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`
    )
  }

  #bytes(bytes: Buffer, at: number, end: number): number {
    if (this.#open) return readFrames(bytes, at, end, this)
    const head = bytes.toString('latin1', at, end)
    const length = head.indexOf(END_OF_HEAD)
    if (length === -1) return at
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`refused: ${head.slice(9, head.indexOf('\r\n'))}`)
    this.#opened()
    return readFrames(bytes, at + length + END_OF_HEAD.length, end, this)
  }

  #lines(bytes: Buffer, at: number, end: number): number {
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, at)
      if (feed === -1 || feed >= end) return at
      this.#text(bytes, at, bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed)
      at = feed + 1
    }
  }

  #text(bytes: Buffer, start: number, end: number): void {
    const { heard, answer, steps } = this.#options
    if (this.#ready && heard(this, bytes, start, end) > 0) return
    const step = steps[this.#step]
    if (answer === undefined && step === undefined) return
    const text = bytes.toString('utf8', start, end)
    const reply = answer?.(text)
    if (reply !== undefined) this.write(this.encode(reply))
    else if (step !== undefined && 'hear' in step && step.hear(text)) {
      this.#step++
      this.#proceed()
    }
  }

  #opened(): void {
    this.#open = true
    this.#proceed()
  }

  /** Says what is to be said until there is something to wait for. */
  #proceed(): void {
    const { steps, ready } = this.#options
    for (let step = steps[this.#step]; step !== undefined; step = steps[++this.#step]) {
      if ('hear' in step) return
      this.write(this.encode(step.say))
    }
    this.#ready = true
    ready(this)
  }
}
