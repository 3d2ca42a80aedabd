import type { Clock } from '../clock.ts'
import { coalesce } from '../coalesce.ts'
import type { BusOrigin, Work } from './bus-origin.ts'
import { type Origin, originKey } from './link.ts'

/** One origin in this process. */
export interface Place {
  work: Work
  /** Subscribed to always, or only while this process holds the origin. */
  topic: { name: string; always: boolean; hear(envelope: { id?: string; payload: Buffer }): void }
  /** Where others tell what they brought on. */
  settle?: BusOrigin['settle']
}

export interface OriginsOptions {
  origins(): readonly Origin[]
  open(origin: Origin): Place
  bus: {
    subscribe(topic: string, listener: Place['topic']['hear']): Promise<() => void>
  }
  /** One process holds a key. Both reject where that cannot be known. */
  claims: { claim(key: string): Promise<boolean>; release(key: string): Promise<void> }
  /** Of these rooms, those that hold something to bring on. Rejects where the store does not answer. */
  unfinished(roomIds: readonly string[]): Promise<string[]>
  clock: Clock
}

interface Known {
  origin: Origin
  place: Place
  held: boolean
  unsubscribe: (() => void) | undefined
}

/** How often a process looks whether it may hold an origin, and whether rooms have something that no topic told of. */
const LOOK_MS = 1000

/** Keeps this process at those origins that there are, and lets it work on those that nobody else does. */
export function createOrigins({ origins, open, bus, claims, unfinished, clock }: OriginsOptions) {
  const known = new Map<string, Known>()
  let closed = false

  async function follow(one: Known): Promise<void> {
    const { name, always, hear } = one.place.topic
    const wanted = always || one.held
    if (!wanted) {
      one.unsubscribe?.()
      one.unsubscribe = undefined
    } else if (!one.unsubscribe) {
      one.unsubscribe = await bus.subscribe(name, hear).catch(() => undefined)
    }
  }

  async function claim(key: string, one: Known): Promise<void> {
    // Where it cannot be known, who had it has it.
    const held = await claims.claim(key).catch(() => one.held)
    if (held && !one.held) one.place.work.hold()
    if (!held && one.held) one.place.work.letGo()
    one.held = held
  }

  async function drop(key: string, one: Known): Promise<void> {
    known.delete(key)
    one.place.work.letGo()
    one.unsubscribe?.()
    await one.place.work.close()
    if (one.held) await claims.release(key).catch(() => {})
  }

  async function wakeRooms(): Promise<void> {
    const rooms = new Map<string, Work>()
    for (const { origin, place, held } of known.values()) {
      if (held && origin.kind === 'room') rooms.set(origin.target, place.work)
    }
    if (rooms.size === 0) return
    const found = await unfinished([...rooms.keys()]).catch(() => [])
    for (const id of found) rooms.get(id)?.wake()
  }

  const look = coalesce(async () => {
    if (closed) return
    const wanted = new Map(origins().map((origin) => [originKey(origin), origin]))
    for (const [key, one] of known) if (!wanted.has(key)) await drop(key, one)
    for (const [key, origin] of wanted) {
      if (known.has(key)) continue
      known.set(key, { origin, place: open(origin), held: false, unsubscribe: undefined })
    }
    // What is heard must be kept from before the moment in which this process may hold it.
    await Promise.all([...known.values()].map(follow))
    await Promise.all([...known].map(([key, one]) => claim(key, one)))
    await Promise.all([...known.values()].map(follow))
    await wakeRooms()
  })
  const stopLooking = clock.every(LOOK_MS, () => void look())

  const sum = (of: (work: Work) => number) => () =>
    [...known.values()].reduce((total, { place }) => total + of(place.work), 0)

  return {
    /** Resolves once what there is now is followed, as far as the bus lets it. */
    look,
    settle: (key: string, ids: readonly string[]) => known.get(key)?.place.settle?.(ids),
    waiting: sum(({ waiting }) => waiting),
    lost: sum(({ lost }) => lost),
    async close(): Promise<void> {
      stopLooking()
      await look()
      closed = true
      const all = [...known]
      await Promise.all(
        all.map(async ([key, one]) => {
          one.unsubscribe?.()
          await one.place.work.close()
          if (one.held) await claims.release(key).catch(() => {})
        }),
      )
      known.clear()
    },
  }
}
