import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { isPlainSocket } from './plain-socket.ts'
import { endOfPong, endOfTextFrame, textOf, textSize } from './text-frame.ts'

/** Who is told the texts of a WebSocket, in place of its `message` event. */
export interface TextListener {
  hearText(text: string): void
}

/** What is looked at of the receiver of a WebSocket. */
interface Receiver {
  _state: number
  _bufferedBytes: number
  _fragmented: number
  _opcode: number
  _errored: boolean
  _maxPayload: number
}

/** The receiver waits for the first byte of a frame. */
const GET_INFO = 0
/** RFC 6455 §5.2: nothing counts after it. */
const CLOSE = 0x08

interface Reader {
  receiver: Receiver
  listener: TextListener
}

const READER = Symbol('reader')

/** Node's names for what its documented `onread` of a client's socket sets, which a server's does not take. */
interface Keys {
  buffer: symbol
  callback: symbol
}

type Readable = Socket & {
  [READER]: Reader
  [key: symbol]: unknown
  _handle: { useUserBuffer(buffer: Buffer): void } | null
}

/** What one read of one socket brings is used before the next read: all have the same buffer. */
const SIZE = 64 * 1024
const shared = Buffer.allocUnsafeSlow(SIZE)

let keys: Keys | undefined

/**
 * Tells whole text frames and passes over pongs, which nearly all that clients send are, without the buffer that Node
 * makes for each read and the two streams that it goes through otherwise: a fifth less CPU for a directed message. All
 * else (other frames, fragments, what is cut or wrong, what comes while the socket is paused) goes the ordinary way to
 * `ws`, and everything does where Node or `ws` are not as they are known here. Answers whether they are.
 */
export function readTexts(ws: WebSocket, socket: Socket, listener: TextListener): boolean {
  const receiver = (ws as unknown as { _receiver?: unknown })._receiver
  if (!isKnownReceiver(receiver) || !isKnownSocket(socket)) return false
  keys ??= findKeys(socket)
  if (!keys || socket[keys.buffer] !== null || !socket._handle) return false
  socket[READER] = { receiver, listener }
  socket[keys.buffer] = shared
  socket[keys.callback] = onRead
  socket._handle.useUserBuffer(shared)
  return true
}

/** A server's, without compression, that tells each message at once. */
function isKnownReceiver(receiver: unknown): receiver is Receiver {
  if (!(receiver instanceof Writable)) return false
  const it = receiver as unknown as Record<string, unknown>
  return (
    it['_state'] === GET_INFO &&
    it['_bufferedBytes'] === 0 &&
    it['_fragmented'] === 0 &&
    it['_errored'] === false &&
    typeof it['_opcode'] === 'number' &&
    typeof it['_maxPayload'] === 'number' &&
    it['_isServer'] === true &&
    it['_allowSynchronousEvents'] === true &&
    it['_skipUTF8Validation'] === false
  )
}

const isKnownSocket = (socket: Socket): socket is Readable =>
  isPlainSocket(socket) && typeof (socket as Readable)._handle?.useUserBuffer === 'function'

function findKeys(socket: Socket): Keys | undefined {
  const symbols = Object.getOwnPropertySymbols(socket)
  const [buffer, callback] = ['kBuffer', 'kBufferCb'].map((name) =>
    symbols.find(({ description }) => description === name),
  )
  return buffer && callback && { buffer, callback }
}

/** Node's `onread` callback. `false` ends reading until the socket is resumed. */
function onRead(this: Readable, size: number, bytes: Buffer): boolean {
  const { receiver } = this[READER]
  let start = 0
  if (this.readableFlowing && this.readableLength === 0) {
    while (start < size && isBetweenFrames(receiver)) {
      const end = readFrame(bytes, start, size, this[READER])
      if (end === start) break
      start = end
    }
  }
  return start === size || this.push(Buffer.from(bytes.subarray(start, size)))
}

/** Where the frame at `start` ends, if it is one that is read here; else `start`. */
function readFrame(bytes: Buffer, start: number, limit: number, { receiver, listener }: Reader): number {
  const end = endOfTextFrame(bytes, start, limit)
  if (end === start) return endOfPong(bytes, start, limit)
  if (isTooLong(receiver, textSize(bytes, start, end))) return start
  const text = textOf(bytes, start, end)
  if (text === undefined) return start
  listener.hearText(text)
  return end
}

const isTooLong = ({ _maxPayload }: Receiver, size: number): boolean => _maxPayload > 0 && size > _maxPayload

const isBetweenFrames = (receiver: Receiver): boolean =>
  receiver._state === GET_INFO &&
  receiver._bufferedBytes === 0 &&
  receiver._fragmented === 0 &&
  receiver._opcode !== CLOSE &&
  !receiver._errored
