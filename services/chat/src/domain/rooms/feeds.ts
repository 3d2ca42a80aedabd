import type { Clock, Stop } from '../clock.ts'
import { createMembers, type Members } from './members.ts'
import { createOrder, type Order, type Step } from './order.ts'
import { createReader, type ReadAfter } from './reader.ts'

/** What is needed of the hub's broker. */
interface Bus {
  subscribe(
    topic: string,
    listener: (envelope: { seq?: number; payload: Buffer }) => void,
  ): Promise<() => void>
  onChange(listener: (up: boolean) => void): () => void
}

/** One member's share of a room: the process follows the room until all of them are closed. */
export interface Feed extends Pick<Members, 'tap' | 'hold'> {
  /** The number of the newest message that was delivered in this process. */
  last(): number
  close(): void
}

export interface FeedsOptions {
  bus: Bus
  store: { lastNumber(roomId: string): Promise<number>; readAfter: ReadAfter }
  clock: Clock
  topic(roomId: string): string
  /** To the members in this process. */
  deliver(roomId: string, payload: Buffer): void
  onError(error: unknown): void
}

interface Room {
  id: string
  order: Order<Buffer>
  members: Members
  shares: number
  started: Promise<void>
  unsubscribe: Stop | undefined
  subscribing: boolean
  /** To be read in the next round. */
  unread: boolean
}

/** How long the bus has to bring what is missing before a message that it brought. */
const GAP_MS = 50
/** How often rooms are read while the bus is away, and again after the store did not answer. */
const POLL_MS = 1000
/** How long they still are when the bus is back: another process may be back later, and nobody heard it until then. */
const SETTLE_MS = 5000
/** How often rooms are read at any time: a process that dies may have stored what it never told. */
const SWEEP_MS = 10_000

/** Follows the rooms that have members here: on the bus, and in the store where the bus lost something or is away. */
export class Feeds {
  readonly #options: FeedsOptions
  readonly #rooms = new Map<string, Room>()
  readonly #read: ReturnType<typeof createReader>
  readonly #stops: Stop[]
  #up = true
  #settledAt = 0
  #sweepAt: number

  constructor(options: FeedsOptions) {
    this.#options = options
    this.#read = createReader(options.store.readAfter, options.onError)
    this.#sweepAt = options.clock.now() + SWEEP_MS
    this.#stops = [
      options.bus.onChange((up) => this.#changed(up)),
      options.clock.every(POLL_MS, () => this.#poll()),
    ]
  }

  /** Rooms that are followed. */
  get size(): number {
    return this.#rooms.size
  }

  /** Rejects where the store does not answer. Works while the bus is away. */
  async open(roomId: string): Promise<Feed> {
    const room = this.#rooms.get(roomId) ?? this.#add(roomId)
    room.shares++
    try {
      await room.started
    } catch (error) {
      this.#leave(room)
      throw error
    }
    let open = true
    return {
      last: () => room.members.last,
      tap: () => room.members.tap(),
      hold: () => room.members.hold(),
      close: () => {
        if (open) this.#leave(room)
        open = false
      },
    }
  }

  /** A message was stored. */
  live(roomId: string, number: number, payload: Buffer): void {
    const room = this.#rooms.get(roomId)
    if (room) this.#take(room, room.order.live(number, payload))
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const room of this.#rooms.values()) room.unsubscribe?.()
    this.#rooms.clear()
  }

  #add(roomId: string): Room {
    const room: Room = {
      id: roomId,
      order: createOrder(),
      members: createMembers((payload) => this.#options.deliver(roomId, payload)),
      shares: 0,
      started: Promise.resolve(),
      unsubscribe: undefined,
      subscribing: false,
      unread: false,
    }
    this.#rooms.set(roomId, room)
    room.started = this.#start(room)
    return room
  }

  /**
   * Subscribed first, so that nothing falls between the number and the first envelope. A bus that does not answer is not
   * waited for.
   */
  async #start(room: Room): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const stopWaiting = this.#options.clock.after(POLL_MS, resolve)
    await Promise.race([this.#subscribe(room), late])
    stopWaiting()
    room.unread = false
    const last = await this.#options.store.lastNumber(room.id)
    room.members.start(last)
    this.#take(room, room.order.start(last))
  }

  #leave(room: Room): void {
    room.shares--
    if (room.shares > 0) return
    if (this.#rooms.get(room.id) === room) this.#rooms.delete(room.id)
    room.unsubscribe?.()
    room.unsubscribe = undefined
  }

  #take(room: Room, { deliver, readAfter, gapTo }: Step<Buffer>): void {
    room.members.deliver(deliver)
    if (readAfter === undefined) return
    if (gapTo === undefined) this.#ask(room, readAfter)
    else this.#options.clock.after(GAP_MS, () => this.#closeGap(room, gapTo))
  }

  /** Two processes that store in turn hear each other's messages late more often than never. */
  #closeGap(room: Room, gapTo: number): void {
    const { last = 0 } = room.order
    if (last >= gapTo) this.#take(room, room.order.read([], false))
    else if (this.#rooms.get(room.id) === room) this.#ask(room, last)
  }

  #ask(room: Room, after: number): void {
    this.#read(
      { roomId: room.id, after },
      {
        read: (found, more) => this.#take(room, room.order.read(found, more)),
        unread: () => {
          room.order.unread()
          room.unread = true
        },
      },
    )
  }

  /** Where the bus is away, the room is read once a second until the bus takes the subscription. */
  async #subscribe(room: Room): Promise<void> {
    if (room.unsubscribe || room.subscribing) return
    room.subscribing = true
    try {
      const unsubscribe = await this.#options.bus.subscribe(
        this.#options.topic(room.id),
        ({ seq, payload }) => {
          if (seq !== undefined) this.#take(room, room.order.live(seq, payload))
        },
      )
      if (this.#rooms.get(room.id) !== room) return unsubscribe()
      room.unsubscribe = unsubscribe
      room.unread = true
    } catch (error) {
      this.#options.onError(error)
    } finally {
      room.subscribing = false
    }
  }

  async #catchUp(room: Room): Promise<void> {
    if (this.#up) await this.#subscribe(room)
    room.unread = false
    this.#take(room, room.order.doubt())
  }

  #poll(): void {
    const now = this.#options.clock.now()
    const all = !this.#up || now <= this.#settledAt || now >= this.#sweepAt
    if (now >= this.#sweepAt) this.#sweepAt = now + SWEEP_MS
    for (const room of this.#rooms.values()) {
      if (all || !room.unsubscribe || room.unread) void this.#catchUp(room)
    }
  }

  #changed(up: boolean): void {
    this.#up = up
    this.#settledAt = this.#options.clock.now() + SETTLE_MS
    if (up) for (const room of this.#rooms.values()) void this.#catchUp(room)
  }
}
