import type { Duplex } from 'node:stream'
import type { Envelope } from '@switchboard/protocol/bus'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import { HEARTBEAT, LIMITS, SLOW_CONSUMER_BYTES } from '@switchboard/protocol/limits'
import type { WebSocket } from 'ws'
import type { Broker, Unsubscribe } from './broker.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Connection } from './connection.ts'
import { Endings } from './endings.ts'
import { type Framing, frameEach } from './framing.ts'
import { Heartbeat } from './heartbeat.ts'
import { Incoming } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { type Owner, SocketConnection } from './socket-connection.ts'
import type { Topic } from './topic.ts'
import { Topics } from './topics.ts'

/** See `LIMITS.messages`. */
export interface MessageLimits {
  burst: number
  perSecond: number
  waiting: number
}

export interface HubOptions<S> {
  broker: Broker
  /** What one connection may send; `false` lets everything through. Default: `LIMITS.messages`. */
  limits?: MessageLimits | false
  /** Default: one text frame for each payload. */
  framing?: Framing
  /** Whole seconds. Default: `HEARTBEAT`. */
  heartbeat?: { pingSeconds: number; silentSeconds: number }
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
  /** Default: the system's. */
  clock?: Clock
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

/** Counted for each broker, not for each hub: the services of one process share it, and one presence. */
const lastIds = new WeakMap<Broker, number>()

/** The connections of this process and the topics that they are in. */
export class Hub<S> {
  readonly #options: HubOptions<S>
  readonly #clock: Clock
  readonly #connections = new Map<string, SocketConnection<S>>()
  readonly #topicsByName = new Map<string, Topic<S>>()
  readonly #topics: Topics<S>
  readonly #outgoing: Outgoing<S>
  readonly #incoming: Incoming<S>
  readonly #heartbeat: Heartbeat<S>
  readonly #owner: Owner<S>
  readonly #endings: Endings<S>
  #accepted = 0
  #publishes = 0

  constructor(options: HubOptions<S>) {
    const { broker, limits = LIMITS.messages, clock = systemClock, heartbeat = HEARTBEAT } = options
    const { framing = frameEach, maxBufferedBytes = SLOW_CONSUMER_BYTES } = options
    const topics = this.#topicsByName
    const connections = this.#connections
    const onEnvelope = (envelope: Envelope): void =>
      options.onEnvelope
        ? options.onEnvelope(envelope)
        : this.deliver(envelope.topic, envelope.payload, envelope)
    const outgoing = new Outgoing<S>({
      clock,
      framing,
      maxBufferedBytes,
      topics,
      slow: (c) => endings.slow(c),
    })
    const incoming = new Incoming<S>({
      limits,
      clock,
      message: (c, text) => options.message(c, text),
      onError: (error, c) => options.onError(error, c),
      flood: (c) => endings.flood(c),
      finished: (c) => endings.finish(c),
    })
    this.#topics = new Topics({ broker, topics, outgoing, onEnvelope })
    const endings = new Endings<S>({
      clock,
      connections,
      outgoing,
      incoming,
      topics: this.#topics,
      closed: (c) => options.closed(c),
      onError: (error, c) => options.onError(error, c),
    })
    this.#heartbeat = new Heartbeat({ ...heartbeat, clock, connections, silent: (c) => endings.silent(c) })
    this.#owner = {
      send: (c, payload) => outgoing.send(c, payload),
      flush: (c) => outgoing.flush(c),
      close: (c, code, reason) => endings.close(c, code, reason),
      received: (c, text) => incoming.receive(c, text),
      heard: (c) => {
        c.heardAt = clock.now()
      },
      malformed: (c) => endings.malformed(c),
      ended: (c) => endings.ended(c),
    }
    this.#options = options
    this.#clock = clock
    this.#outgoing = outgoing
    this.#incoming = incoming
    this.#endings = endings
  }

  get size(): number {
    return this.#connections.size
  }

  get stats(): HubStats {
    let bufferedBytes = 0
    for (const connection of this.#connections.values()) bufferedBytes += connection.buffered
    return {
      connections: this.size,
      deliveries: this.#outgoing.deliveries,
      publishes: this.#publishes,
      received: this.#incoming.received,
      drops: { ...this.#endings.drops },
      bufferedBytes,
    }
  }

  /** An id for the next connection, unique also among hubs that share a broker; made before the 101 so that presence can be entered first. */
  nextId(): string {
    const { broker } = this.#options
    const id = (lastIds.get(broker) ?? 0) + 1
    lastIds.set(broker, id)
    return `${broker.process}.${id}`
  }

  /**
   * Takes over an open WebSocket; call it in the tick in which it opened, so that no message is missed. Each call leads
   * to one call of `closed`. A hub that is closing tells the client to come back (1012).
   *
   * @param socket What the upgrade came on (`request.raw.socket`).
   */
  accept(ws: WebSocket, socket: Duplex, id: string, session: S): Connection<S> {
    if (this.#connections.has(id)) throw new Error(`${id} is accepted already`)
    // Whoever made the upgrade listens with all that it knows of the request, which would stay for as long as the connection.
    ws.removeAllListeners('error')
    const now = this.#clock.now()
    const beat = this.#accepted++
    const connection = new SocketConnection(this.#owner, { ws, socket, id, session, now, beat })
    this.#connections.set(id, connection)
    connection.listen()
    this.#heartbeat.start()
    if (this.#endings.closing) connection.close(1012, CLOSE_REASONS.restarting)
    if (ws.readyState === ws.CLOSED) queueMicrotask(() => this.#owner.ended(connection))
    return connection
  }

  /**
   * Makes it a member. Once this resolves, nothing published later is missed. Rejects where the broker cannot
   * subscribe; does nothing for a connection that is gone by then, or that left in the meantime.
   */
  async enter(connection: Connection<S>, topic: string): Promise<void> {
    const known = this.#connections.get(connection.id)
    if (known?.open) await this.#topics.enter(known, topic)
  }

  /**
   * Has the topic subscribed before there is a connection for it, so that {@link enter} then makes it a member before it
   * returns: what is published while the 101 is on its way is not missed by a bus that takes its time. Rejects where the
   * broker cannot subscribe. The answer lets go of it again, once; whoever entered meanwhile stays.
   */
  prepare(topic: string): Promise<Unsubscribe> {
    return this.#topics.prepare(topic)
  }

  /** What was delivered before still reaches it. */
  leave(connection: Connection<S>, topic: string): void {
    const known = this.#connections.get(connection.id)
    if (known) this.#topics.leave(known, topic)
  }

  /** To every member in every process. */
  publish(topic: string, payload: string | Buffer, routing?: Routing): void {
    const { broker } = this.#options
    const id = `${broker.process}.${++this.#publishes}`
    broker.publish({ ...routing, topic, id, payload: bytesOf(payload) })
  }

  /** To the members in this process alone. */
  deliver(topic: string, payload: string | Buffer, routing?: Routing): void {
    const known = this.#topicsByName.get(topic)
    if (!known || known.members.size === 0) return
    const except = routing?.except === undefined ? undefined : this.#connections.get(routing.except)
    this.#outgoing.deliver(known, bytesOf(payload), except)
  }

  /** Milliseconds until members of the topic in this process are written what is delivered to it now; 0: at once. */
  restMs(topic: string): number {
    const known = this.#topicsByName.get(topic)
    return known ? this.#outgoing.restMs(known) : 0
  }

  members(topic: string): Iterable<Connection<S>> {
    return this.#topicsByName.get(topic)?.members ?? []
  }

  hasMembers(topic: string): boolean {
    return (this.#topicsByName.get(topic)?.members.size ?? 0) > 0
  }

  connection(id: string): Connection<S> | undefined {
    return this.#connections.get(id)
  }

  /**
   * Tells every client to come back (1012) after what waits for it, cuts off who does not go within 2 s, and resolves
   * once every `closed` is done. Messages that were not handled yet are dropped; a handler that works on one gets 4 s.
   * The broker stays open.
   */
  close(): Promise<void> {
    return this.#endings.closeAll()
  }
}

const bytesOf = (payload: string | Buffer): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : payload
