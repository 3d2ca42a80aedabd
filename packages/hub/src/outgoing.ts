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
 * Collects what one turn of the event loop sends and writes once to each socket; what a busy room sends is collected for
 * some turns more, see {@link Resting}.
 *
 * Deliveries are kept as runs, one list for the hub: a payload is framed once, and a member costs one step a run, not
 * one a payload. Whoever must not wait for the end (it is sent something directly, enters, leaves, closes, or is the
 * `except` of a delivery) is caught up alone: `caughtUp` is the number of the first payload that it did not take part
 * in, so everyone's order stays the order of the calls.
 */
export class Outgoing<S> {
  deliveries = 0
  readonly #options: OutgoingOptions<S>
  #runs: Run<S>[] = []
  #runBytes = 0
  /** The number of the next payload. */
  #position = 0
  /** Who has something to be written, and does not rest. */
  #dirty: SocketConnection<S>[] = []
  readonly #resting: Resting<S>
  #scheduled = false
  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.#flush()
  }

  constructor(options: OutgoingOptions<S>) {
    this.#options = options
    this.#resting = new Resting(options.clock, (rested) => {
      for (const connection of rested) this.#dirty.push(connection)
      this.#flush()
    })
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
    this.#runBytes += payload.length
    if (this.#runBytes > EARLY_BYTES) this.#flush()
    else this.#schedule()
  }

  send(connection: SocketConnection<S>, payload: string | Buffer): void {
    this.catchUp(connection)
    const outbox = new Batch(frameText(payload), 1, connection.outbox)
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

  /** Puts into its outbox what its topics were delivered in this turn; call it before its topics change. */
  catchUp(connection: SocketConnection<S>): void {
    if (this.#runs.length > 0 && connection.caughtUp < this.#position)
      for (const run of this.#missed(connection)) this.#append(connection, run)
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
    const last = this.#runs.at(-1)
    if (last?.topic === topic) return last
    const run = new Run(topic, this.#position, this.#options.framing)
    this.#runs.push(run)
    topic.runs ??= []
    topic.runs.push(run)
    return run
  }

  #append(connection: SocketConnection<S>, run: Run<S>): void {
    const batch = run.from(connection.caughtUp)
    this.deliveries += Math.min(run.payloads.length, run.end - connection.caughtUp)
    const { outbox } = connection
    this.#put(connection, outbox === undefined ? batch : batch.behind(outbox))
  }

  #put(connection: SocketConnection<S>, outbox: Batch): void {
    const isNew = connection.outbox === undefined
    connection.outbox = outbox
    if (isNew || this.#resting.ends(connection)) this.#dirty.push(connection)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#endOfTurn)
  }

  #flush(): void {
    const runs = this.#runs
    this.#runs = []
    this.#runBytes = 0
    for (const run of runs) run.topic.runs = undefined
    for (const run of runs)
      for (const member of run.topic.members) if (member.caughtUp < run.end) this.#append(member, run)
    const dirty = this.#dirty
    this.#dirty = []
    for (const connection of this.#resting.awake(dirty)) this.#write(connection)
  }

  #write(connection: SocketConnection<S>): void {
    const batch = connection.outbox
    if (batch === undefined) return
    connection.outbox = undefined
    if (!connection.open) return
    if (connection.unread + batch.size > this.#options.maxBufferedBytes) this.#options.slow(connection)
    else connection.write(batch.bytes)
  }
}
