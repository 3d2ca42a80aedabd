import type { Duplex } from 'node:stream'
import type { Envelope } from '@switchboard/protocol/bus'
import { CLOSE_REASONS, type CloseCode } from '@switchboard/protocol/close-codes'
import type { HEARTBEAT, LIMITS } from '@switchboard/protocol/limits'
import type { WebSocket } from 'ws'
import type { Broker, Unsubscribe } from './broker.ts'
import type { Connection } from './connection.ts'
import type { Framing } from './framing.ts'

export interface HubOptions<S> {
  broker: Broker
  /** What one connection may send; `false` lets everything through. Default: `LIMITS.messages`. */
  limits?: typeof LIMITS.messages | false
  /** Default: one text frame for each payload. */
  framing?: Framing
  heartbeat?: typeof HEARTBEAT
  /** Bytes waiting for one connection, past which it is closed as a slow consumer. Default: `SLOW_CONSUMER_BYTES`. */
  maxBufferedBytes?: number
  /**
   * A message came; `undefined` stands for a binary one. A promise holds back that connection's next message, nobody
   * else's.
   */
  message(connection: Connection<S>, text: string | undefined): void | Promise<void>
  /** Called once for each accepted connection: it is gone, has left its topics, and its last message was handled. */
  closed(connection: Connection<S>): void | Promise<void>
  /** `message` or `closed` threw or rejected. The connection stays. */
  onError(error: unknown, connection: Connection<S>): void
  /**
   * An envelope of a topic that has members here. Default: {@link Hub.deliver} it. For services that number a topic and
   * put what is missing before what came.
   */
  onEnvelope?(envelope: Envelope): void
}

export interface Routing {
  /** The id of a connection that must not get it. */
  except?: string
  /** Its number in a numbered topic, from 1. */
  seq?: number
}

/** Counted since the start, but for `connections` and `bufferedBytes`, which are now. */
export interface HubStats {
  connections: number
  /** Messages to one connection each. */
  deliveries: number
  /** Calls of `publish`. */
  publishes: number
  /** Messages that came from clients. */
  received: number
  /** Connections that the hub ended, by reason. */
  drops: { slowConsumer: number; tooManyMessages: number; silent: number; malformed: number }
  bufferedBytes: number
}

/** The connections of this process and the topics that they are in. */
export class Hub<S> {
  readonly #options: HubOptions<S>
  readonly #connections = new Map<string, Simple<S>>()
  readonly #topics = new Map<string, Topic<S>>()
  #last = 0
  #closing = false

  constructor(options: HubOptions<S>) {
    this.#options = options
  }

  get size(): number {
    return this.#connections.size
  }

  get stats(): HubStats {
    return {
      connections: this.size,
      deliveries: 0,
      publishes: 0,
      received: 0,
      drops: { slowConsumer: 0, tooManyMessages: 0, silent: 0, malformed: 0 },
      bufferedBytes: 0,
    }
  }

  /** An id for the next connection, made before the 101 so that presence can be entered first. */
  nextId(): string {
    this.#last++
    return `${this.#options.broker.process}.${this.#last}`
  }

  /**
   * Takes over an open WebSocket; call it in the tick in which it opened, so that no message is missed.
   *
   * @param socket What the upgrade came on (`request.raw.socket`).
   */
  accept(ws: WebSocket, _socket: Duplex, id: string, session: S): Connection<S> {
    const connection = new Simple(id, session, ws)
    this.#connections.set(id, connection)
    let queue: Promise<void> = Promise.resolve()
    ws.on('message', (data, binary) => {
      queue = queue.then(async () => {
        try {
          await this.#options.message(connection, binary ? undefined : data.toString())
        } catch (error) {
          this.#options.onError(error, connection)
        }
      })
    })
    ws.on('error', () => {})
    ws.on('close', () => {
      this.#connections.delete(id)
      for (const topic of connection.topics) this.leave(connection, topic)
      Promise.resolve(this.#options.closed(connection)).catch((error) =>
        this.#options.onError(error, connection),
      )
    })
    if (this.#closing) connection.close(1012, CLOSE_REASONS.restarting)
    return connection
  }

  /**
   * Makes it a member. Once this resolves, nothing published later is missed. Rejects where the broker cannot
   * subscribe; does nothing for a connection that is gone by then, or that left in the meantime.
   */
  async enter(connection: Connection<S>, topic: string): Promise<void> {
    let state = this.#topics.get(topic)
    if (!state) {
      state = {
        members: new Set(),
        subscription: this.#options.broker.subscribe(topic, (envelope) => {
          if (this.#options.onEnvelope) this.#options.onEnvelope(envelope)
          else this.deliver(envelope.topic, envelope.payload, envelope)
        }),
      }
      this.#topics.set(topic, state)
    }
    await state.subscription
    const known = this.#connections.get(connection.id)
    if (!known?.open) return
    known.topics.add(topic)
    state.members.add(known)
  }

  leave(connection: Connection<S>, topic: string): void {
    const known = connection as Simple<S>
    known.topics.delete(topic)
    this.#topics.get(topic)?.members.delete(known)
  }

  /** To every member in every process. */
  publish(topic: string, payload: string | Buffer, routing: Routing = {}): void {
    this.#options.broker.publish({ ...routing, topic, payload: Buffer.from(payload as string) })
  }

  /** To the members in this process alone. */
  deliver(topic: string, payload: string | Buffer, routing: Routing = {}): void {
    const bytes = [Buffer.from(payload as string)]
    for (const member of this.members(topic)) {
      if (member.id === routing.except) continue
      if (this.#options.framing && member.open) (member as Simple<S>).raw(this.#options.framing(bytes))
      else member.send(payload)
    }
  }

  members(topic: string): Iterable<Connection<S>> {
    return this.#topics.get(topic)?.members ?? []
  }

  connection(id: string): Connection<S> | undefined {
    return this.#connections.get(id)
  }

  /**
   * Tells every client to come back (1012) after what waits for it, cuts off who does not go within 2 s, and resolves
   * once every `closed` is done. The broker stays open.
   */
  async close(): Promise<void> {
    this.#closing = true
    for (const connection of this.#connections.values()) connection.close(1012, CLOSE_REASONS.restarting)
  }
}

interface Topic<S> {
  members: Set<Simple<S>>
  subscription: Promise<Unsubscribe>
}

class Simple<S> implements Connection<S> {
  readonly id: string
  readonly session: S
  readonly topics = new Set<string>()
  readonly #ws: WebSocket

  constructor(id: string, session: S, ws: WebSocket) {
    this.id = id
    this.session = session
    this.#ws = ws
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN
  }

  get buffered(): number {
    return this.#ws.bufferedAmount
  }

  send(payload: string | Buffer): void {
    if (this.open) this.#ws.send(payload, { binary: false })
  }

  raw(bytes: Buffer): void {
    const socket = (this.#ws as unknown as { _socket: Duplex })._socket
    socket.write(bytes)
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#ws.ping(undefined, undefined, () => resolve()))
  }

  close(code: CloseCode, reason?: string): void {
    this.#ws.close(code, reason)
  }
}
