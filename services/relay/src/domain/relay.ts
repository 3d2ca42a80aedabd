import type { Deadlines } from './deadlines.ts'
import type { Incoming } from './incoming.ts'
import { Lane, type LaneParts } from './lane.ts'
import { type Outcome, QUEUED, UNKNOWN } from './outcome.ts'
import type { Clock, Peers, Queue, Slots, Tokens } from './ports.ts'

export interface RelayParts {
  /** This process, as the slots know it. */
  process: string
  tokens: Tokens
  queue: Queue
  slots: Slots
  peers: Peers
  clock: Clock
  deadlines: Deadlines
  /** Is told what went wrong where nobody waits for it. */
  onError(error: unknown): void
}

export const processOf = (connection: string): string => connection.slice(0, connection.lastIndexOf('.'))

/** Brings requests to the clients of their tokens, here, in another process, or when they come. */
export class Relay {
  readonly #parts: RelayParts
  readonly #laneParts: LaneParts
  readonly #lanes = new Map<string, Lane>()
  /** Resolves for each lane when nothing comes into the queue any more from those before it. */
  readonly #handovers = new WeakMap<Lane, Promise<unknown>>()
  #connections = 0

  constructor(parts: RelayParts) {
    this.#parts = parts
    const { queue, deadlines, onError } = parts
    this.#laneParts = { queue, deadlines, onError, wake: (token) => void this.#wakeHolder(token) }
  }

  /** How many clients this process has. */
  get size(): number {
    return this.#lanes.size
  }

  /**
   * A client asks for its token's slot and displaces who has it; the answer comes when what that one was given and has not
   * acknowledged is in the queue, so that the lane begins with it. `undefined`: there is no such token.
   */
  async join(token: string): Promise<Lane | undefined> {
    const { process, tokens, slots, peers, onError } = this.#parts
    const expiresAt = await tokens.find(token)
    if (expiresAt === undefined) return undefined
    const lane = new Lane(token, `${process}.${++this.#connections}`, expiresAt, this.#laneParts)
    const before = this.#lanes.get(token)
    // What comes here from now on waits for it.
    this.#lanes.set(token, lane)
    // While the slots are away a client is served by the process that it is connected to.
    const { displaced } = await slots.take(token, lane.connection).catch((error: unknown) => {
      onError(error)
      return { displaced: undefined }
    })
    const isElsewhere = displaced !== undefined && processOf(displaced) !== process
    const handover = Promise.all([this.#end(before), isElsewhere && peers.displace(displaced)])
    this.#handovers.set(lane, handover)
    await handover
    return lane
  }

  /** The client is gone, or never came after it had asked. */
  async leave(lane: Lane): Promise<void> {
    lane.close({ disconnect: false })
    await this.#forget(lane)
  }

  /** Another process's client took the place of this one; resolves when it left nothing that is not in the queue. */
  async displace(connection: string): Promise<void> {
    const displaced = [...this.#lanes.values()].find((lane) => lane.connection === connection)
    await this.#end(displaced)
    if (displaced) await this.#forget(displaced)
  }

  forward(token: string, incoming: Incoming): Promise<Outcome> {
    const lane = this.#lanes.get(token)
    // Nearly all requests are for a client that is here.
    if (lane && lane.expiresAt > this.#parts.clock.now()) return lane.deliver(incoming)
    return this.#forward(token, incoming)
  }

  async #forward(token: string, incoming: Incoming): Promise<Outcome> {
    const { queue, peers } = this.#parts
    const known = await this.#living(token)
    const process = known ? undefined : await this.#processWith(token)
    // It may have come in the meantime.
    const lane = known ?? (process === undefined ? await this.#living(token) : undefined)
    if (lane) return lane.deliver(incoming)
    const outcome = process && (await peers.forward(process, token, incoming))
    if (outcome) return outcome
    if (!(await queue.append(token, incoming))) return UNKNOWN
    void this.#wakeHolder(token)
    return QUEUED
  }

  /** From another process. `undefined`: the client is not here. */
  async receive(token: string, incoming: Incoming): Promise<Outcome | undefined> {
    const lane = await this.#living(token)
    // Whoever asked puts it into the queue, behind what this process still puts there.
    if (!lane) await this.#parts.queue.settled()
    return lane?.deliver(incoming)
  }

  /** Another process put something into the queue of a token whose client is here. */
  wake(token: string): void {
    this.#lanes.get(token)?.wake()
  }

  /**
   * Disconnects the clients whose tokens have ended, and reads again where the queue could not be read. Rejects where the
   * database does not answer; every client stays until it does.
   */
  async tick(): Promise<void> {
    const now = this.#parts.clock.now()
    const lanes = [...this.#lanes.values()]
    for (const lane of lanes) if (lane.expiresAt <= now && !(await this.#isRefreshed(lane))) this.#drop(lane)
    const stale = lanes.filter(({ isStale }) => isStale)
    if (stale[0]) await this.#parts.tokens.find(stale[0].token)
    for (const lane of stale) lane.wake()
  }

  refreshed(token: string, expiresAt: number): void {
    const lane = this.#lanes.get(token)
    if (lane) lane.expiresAt = expiresAt
  }

  /** After the slots were away: whoever lost its slot meanwhile goes. */
  async recheck(): Promise<void> {
    for (const lane of this.#lanes.values())
      if (!(await this.#parts.slots.keep(lane.token, lane.connection))) this.#drop(lane)
  }

  /** Lets go of every client; what they had not acknowledged is on its way into the queue. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => this.leave(lane)))
  }

  /** Closes a lane whose place was taken, behind those before it; what they left is in the queue then. */
  async #end(lane: Lane | undefined): Promise<void> {
    if (lane) await this.#handovers.get(lane)
    lane?.close({ disconnect: true })
    await this.#parts.queue.settled()
  }

  #drop(lane: Lane): void {
    lane.close({ disconnect: true })
    void this.#forget(lane)
  }

  async #forget(lane: Lane): Promise<void> {
    if (this.#lanes.get(lane.token) === lane) this.#lanes.delete(lane.token)
    // Until then the next client asks here whether what this one left is in the queue.
    await this.#parts.queue.settled()
    await this.#parts.slots.release(lane.token, lane.connection).catch(this.#parts.onError)
  }

  async #living(token: string): Promise<Lane | undefined> {
    const lane = this.#lanes.get(token)
    if (!lane || lane.expiresAt > this.#parts.clock.now()) return lane
    return (await this.#isRefreshed(lane)) ? lane : undefined
  }

  async #isRefreshed(lane: Lane): Promise<boolean> {
    const expiresAt = await this.#parts.tokens.find(lane.token)
    if (expiresAt !== undefined) lane.expiresAt = expiresAt
    return expiresAt !== undefined
  }

  /** The other process that has the token's client. While the slots are away it is as if there was none. */
  async #processWith(token: string): Promise<string | undefined> {
    try {
      const holder = await this.#parts.slots.holder(token)
      const process = holder && processOf(holder)
      return process === this.#parts.process ? undefined : process
    } catch (error) {
      this.#parts.onError(error)
      return undefined
    }
  }

  async #wakeHolder(token: string): Promise<void> {
    const lane = this.#lanes.get(token)
    if (lane) return lane.wake()
    const process = await this.#processWith(token)
    if (process) this.#parts.peers.wake(process, token)
  }
}
