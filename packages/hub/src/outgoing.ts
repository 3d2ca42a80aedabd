import { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import { type Framing, frameEach, frameText } from './framing.ts'
import { Resting } from './resting.ts'
import type { SocketConnection } from './socket-connection.ts'
import { Run, type Topic } from './topic.ts'

/**
 * Bytes of one turn past which it is written before its end: what a burst holds in memory stays small, and writes of
 * this size gain nothing more from being larger.
 */
const EARLY_BYTES = 256 * 1024

interface OutgoingOptions<S> {
  clock: Clock
  framing: Framing
  maxBufferedBytes: number
  topics: ReadonlyMap<string, Topic<S>>
  /** More waits for it than may. */
  slow(connection: SocketConnection<S>): void
}

/**
 * Collects what one turn of the event loop sends and writes once to each socket; what a busy topic is delivered is
 * collected for some turns more, see {@link Resting}.
 *
 * Deliveries are kept as runs at their topics: a payload is framed once, and a member costs one step a run, not one a
 * payload. Whoever must not wait for the end (it is sent something directly, enters, leaves, closes, or is the `except`
 * of a delivery) is caught up alone: `caughtUp` is the number of the first payload that it did not take part in, so
 * everyone's order stays the order of the calls.
 */
export class Outgoing<S> {
  deliveries = 0
  readonly #options: OutgoingOptions<S>
  /** Topics that this turn delivered to. */
  #told = new Set<Topic<S>>()
  /** Bytes that it delivered. */
  #bytes = 0
  /** The one that the next payload may belong to. */
  #lastRun: Run<S> | undefined
  /** The number of the next payload. */
  #position = 0
  /** Who has something in its outbox. */
  #dirty: SocketConnection<S>[] = []
  readonly #resting: Resting<S>
  #scheduled = false
  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.#flush()
  }

  constructor(options: OutgoingOptions<S>) {
    this.#options = options
    this.#resting = new Resting(options.clock, (topics) => this.#tell(topics))
  }

  /** Milliseconds until what is delivered to the topic next is written; 0: at once. */
  restMs(topic: Topic<S>): number {
    return this.#resting.left(topic)
  }

  deliver(topic: Topic<S>, payload: Buffer, except: SocketConnection<S> | undefined): void {
    if (topic.members.size === 1 && this.#options.framing === frameEach) {
      // A run is made to be shared.
      for (const member of topic.members) if (member !== except) this.send(member, payload)
      return
    }
    if (except) this.catchUp(except)
    this.#runOf(topic).payloads.push(payload)
    this.#position++
    if (except) except.caughtUp = this.#position
    topic.bytes += payload.length
    this.#told.add(topic)
    this.#bytes += payload.length
    if (this.#bytes > EARLY_BYTES) this.#flush()
    else this.#schedule()
  }

  send(connection: SocketConnection<S>, payload: string | Buffer): void {
    this.catchUp(connection)
    const outbox = new Batch(frameText(payload), connection.outbox)
    this.#put(connection, outbox)
    this.deliveries++
    if (outbox.size > EARLY_BYTES) this.#write(connection)
    else this.#schedule()
  }

  /** Writes all that was sent to it so far. */
  flush(connection: SocketConnection<S>): void {
    this.catchUp(connection)
    this.#write(connection)
  }

  /** Puts into its outbox what its topics were delivered until now; call it before its topics change. */
  catchUp(connection: SocketConnection<S>): void {
    this.#catchUp(connection)
    if (connection.outbox) this.#schedule()
  }

  #catchUp(connection: SocketConnection<S>): void {
    if (connection.caughtUp < this.#position)
      for (const run of this.#missed(connection)) {
        const count = Math.min(run.payloads.length, run.end - connection.caughtUp)
        this.#append(connection, run.from(connection.caughtUp), count)
      }
    connection.caughtUp = this.#position
  }

  #missed(connection: SocketConnection<S>): Run<S>[] {
    const missed: Run<S>[] = []
    for (const name of connection.topicNames) {
      const runs = this.#options.topics.get(name)?.runs ?? []
      for (let i = runs.length - 1; i >= 0; i--) {
        const run = runs[i]
        if (run === undefined || run.end <= connection.caughtUp) break
        missed.push(run)
      }
    }
    return missed.length > 1 ? missed.sort((a, b) => a.start - b.start) : missed
  }

  #runOf(topic: Topic<S>): Run<S> {
    const last = this.#lastRun
    if (last?.topic === topic && topic.runs) return last
    const run = new Run(topic, this.#position, this.#options.framing)
    this.#lastRun = run
    topic.runs ??= []
    topic.runs.push(run)
    return run
  }

  #append(connection: SocketConnection<S>, batch: Batch, count: number): void {
    const { outbox } = connection
    this.#put(connection, outbox === undefined ? batch : batch.behind(outbox))
    this.deliveries += count
  }

  #put(connection: SocketConnection<S>, outbox: Batch): void {
    if (connection.outbox === undefined) this.#dirty.push(connection)
    connection.outbox = outbox
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#endOfTurn)
  }

  #flush(): void {
    const told = this.#told
    this.#told = new Set()
    this.#bytes = 0
    this.#tell(told)
  }

  /** Writes what these topics were delivered, unless they rest, and all that waits in an outbox. */
  #tell(topics: Iterable<Topic<S>>): void {
    this.#give(this.#resting.awake(topics))
    this.#writeAll()
  }

  /** Puts into the outboxes of their members what the topics were delivered. */
  #give(topics: readonly Topic<S>[]): void {
    for (const topic of topics) this.#told.delete(topic)
    const isAlone = topics.length === 1 && this.#resting.size === 0 && this.#told.size === 0
    for (const topic of topics) this.#giveMembers(topic, isAlone)
    for (const topic of topics) {
      topic.runs = undefined
      topic.bytes = 0
    }
    if (this.#lastRun?.topic.runs === undefined) this.#lastRun = undefined
  }

  /** @param isAlone no other topic was delivered something that its members may not have */
  #giveMembers({ members, runs = [] }: Topic<S>, isAlone: boolean): void {
    const [first] = runs
    if (!first) return
    const payloads = runs.length === 1 ? first.payloads : runs.flatMap((run) => run.payloads)
    const batch = runs.length === 1 ? first.from(first.start) : new Batch(this.#options.framing(payloads))
    for (const member of members)
      if (member.caughtUp > first.start || (member.hasSeveralTopics && !isAlone)) this.#catchUp(member)
      else this.#append(member, batch, payloads.length)
  }

  /**
   * Looks at all of them before it writes to the first: what is cold of many sockets is fetched at once then, and not
   * behind each other's system calls (8 % of a lone message to 1,000). Writing calls nothing back.
   */
  #writeAll(): void {
    const dirty = this.#dirty
    this.#dirty = []
    const clear: SocketConnection<S>[] = []
    const others: SocketConnection<S>[] = []
    for (const connection of dirty) (connection.isClear ? clear : others).push(connection)
    for (const connection of clear) this.#write(connection, true)
    for (const connection of others) this.#write(connection)
  }

  #write(connection: SocketConnection<S>, isClear = connection.isClear): void {
    const batch = connection.outbox
    if (batch === undefined) return
    connection.outbox = undefined
    if (!isClear && !connection.open) return
    const unread = isClear ? 0 : connection.unread
    if (unread + batch.size > this.#options.maxBufferedBytes) this.#options.slow(connection)
    else connection.write(batch.bytes, isClear)
  }
}
