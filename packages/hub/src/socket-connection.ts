import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { CloseCode } from '@switchboard/protocol/close-codes'
import type { RawData, WebSocket } from 'ws'
import type { Batch } from './batch.ts'
import type { Connection } from './connection.ts'
import { payloadsOf } from './framing.ts'
import type { Inbox } from './inbox.ts'
import { readTexts, type TextListener } from './reading.ts'
import { descriptorOf, isIdle, writeBytes } from './writing.ts'

/** What the connections of one hub tell it. */
export interface Owner<S> {
  send(connection: SocketConnection<S>, payload: string | Buffer): void
  flush(connection: SocketConnection<S>): void
  close(connection: SocketConnection<S>, code: CloseCode, reason: string | undefined): void
  received(connection: SocketConnection<S>, text: string | undefined): void
  heard(connection: SocketConnection<S>): void
  malformed(connection: SocketConnection<S>): void
  ended(connection: SocketConnection<S>): void
}

interface Accepted<S> {
  ws: WebSocket
  socket: Duplex
  id: string
  session: S
  now: number
  /** How many were accepted before. */
  beat: number
}

/** RFC 6455 §5.5.2: a whole ping that says nothing. */
const PING = Buffer.from([0x89, 0])
const NONE: ReadonlySet<string> = new Set()
const CONNECTION = Symbol('connection')

interface Owned extends WebSocket {
  [CONNECTION]: SocketConnection<unknown>
}

/** A connection with what the hub keeps for it. There are many: what most do not need is `undefined` until they do. */
export class SocketConnection<S> implements Connection<S>, TextListener {
  readonly id: string
  readonly session: S
  readonly ws: WebSocket
  /** What is written to; `undefined` where only `ws` knows how (compressed, or not a socket of Node's). */
  readonly socket: Socket | undefined
  readonly #descriptor: number | undefined
  /** When in the heartbeat's round it is pinged. */
  readonly beat: number
  readonly owner: Owner<S>
  /** Most are in one topic. */
  #topics: string | Set<string> | undefined
  /** What waits for the turn's end. */
  outbox: Batch | undefined
  /** See `Outgoing`. */
  caughtUp = 0
  inbox: Inbox | undefined
  /** Its handler works on a message. */
  busy = false
  /** See `Incoming`. */
  fullAt = 0
  /** When something last came from it, and how many bytes had come by then. */
  heardAt: number
  bytesHeard: number
  /** When it is cut off; 0 while the hub has not closed it. */
  deadline = 0
  /** The WebSocket is closed. */
  gone = false

  constructor(owner: Owner<S>, { ws, socket, id, session, now, beat }: Accepted<S>) {
    this.owner = owner
    this.ws = ws
    this.socket = socket instanceof Socket && ws.extensions === '' ? socket : undefined
    this.#descriptor = this.socket && descriptorOf(this.socket)
    this.id = id
    this.session = session
    this.heardAt = now
    this.bytesHeard = this.socket?.bytesRead ?? 0
    this.beat = beat
  }

  get topics(): ReadonlySet<string> {
    if (this.#topics === undefined) return NONE
    return typeof this.#topics === 'string' ? new Set([this.#topics]) : this.#topics
  }

  /** The same as `topics`, for the hot path. */
  get topicNames(): Iterable<string> {
    return typeof this.#topics === 'string' ? [this.#topics] : (this.#topics ?? NONE)
  }

  get hasSeveralTopics(): boolean {
    return typeof this.#topics === 'object' && this.#topics.size > 1
  }

  get open(): boolean {
    return this.ws.readyState === this.ws.OPEN
  }

  /** Bytes that its socket still holds. */
  get unread(): number {
    return this.socket ? this.socket.writableLength : this.ws.bufferedAmount
  }

  get buffered(): number {
    return this.unread + (this.outbox?.size ?? 0)
  }

  send(payload: string | Buffer): void {
    if (this.open) this.owner.send(this, payload)
  }

  drained(): Promise<void> {
    this.owner.flush(this)
    // A ping's callback comes when the ping is out, and all that went before it; also when it never will be.
    return new Promise((resolve) => this.ws.ping(undefined, undefined, () => resolve()))
  }

  close(code: CloseCode, reason?: string): void {
    if (this.open) this.owner.close(this, code, reason)
  }

  addTopic(topic: string): void {
    if (this.#topics === undefined) this.#topics = topic
    else if (typeof this.#topics === 'string') this.#topics = new Set([this.#topics, topic])
    else this.#topics.add(topic)
  }

  removeTopic(topic: string): void {
    if (typeof this.#topics === 'object') this.#topics.delete(topic)
    else if (this.#topics === topic) this.#topics = undefined
  }

  /** It is open, and what is written to it goes to the kernel at once. */
  get isClear(): boolean {
    return this.#descriptor !== undefined && this.open && isIdle(this.socket as Socket)
  }

  /**
   * Whole frames; only while it is open. `ws` writes its own frames (pong, ping, close) whole and at once too where no
   * extension is in use, so that the two never mix within a frame.
   *
   * @param isClear what {@link isClear} said, where nothing but writing was done since
   */
  write(frames: Buffer, isClear = this.isClear): void {
    if (this.socket) writeBytes(this.socket, this.#descriptor, frames, isClear)
    else for (const payload of payloadsOf(frames)) this.ws.send(payload, { binary: false })
  }

  ping(): void {
    if (this.isClear) this.write(PING, true)
    else this.ws.ping()
  }

  hearText(text: string): void {
    this.owner.received(this, text)
  }

  /** The listeners are the same functions for all; the connection is found by a property of its WebSocket. */
  listen(): void {
    ;(this.ws as Owned)[CONNECTION] = this as SocketConnection<unknown>
    this.ws.on('message', onMessage)
    this.ws.on('error', onError)
    this.ws.on('close', onClose)
    if (this.socket) readTexts(this.ws, this.socket, this)
    else this.ws.on('message', onHeard).on('ping', onHeard).on('pong', onHeard)
  }
}

const connectionOf = (ws: WebSocket): SocketConnection<unknown> => (ws as Owned)[CONNECTION]

function onMessage(this: WebSocket, data: RawData, binary: boolean): void {
  const connection = connectionOf(this)
  connection.owner.received(connection, binary ? undefined : data.toString())
}

function onHeard(this: WebSocket): void {
  const connection = connectionOf(this)
  connection.owner.heard(connection)
}

/** Only what was no WebSocket frame ends here; `ws` has closed it with the code that says so. */
function onError(this: WebSocket): void {
  const connection = connectionOf(this)
  connection.owner.malformed(connection)
}

function onClose(this: WebSocket): void {
  const connection = connectionOf(this)
  connection.owner.ended(connection)
}
