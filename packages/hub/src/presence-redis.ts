import type { Broker, Unsubscribe } from './broker.ts'
import type { Connect } from './connect.ts'
import { within } from './deadline.ts'
import { createHearing, type Hearing } from './hearing.ts'
import { keepSubscribed } from './keep-subscribed.ts'
import { Listeners } from './listeners.ts'
import { Owed } from './owed.ts'
import type { Entry, Gone, Presence } from './presence.ts'
import { type HeldClaim, type HeldEntry, HeldHere, inChunks, toIndex } from './presence-held.ts'
import { Lease } from './presence-lease.ts'
import { PresenceStore } from './presence-store.ts'
import { createReaper } from './reaper.ts'
import { warn } from './report.ts'
import { Unavailable } from './unavailable.ts'

/** A process that does not renew for so long is dead. With a renewal a second, its people are gone 14 s after its end. */
const LEASE_MS = 10_000
/** In leases: how long those who answer for a place have, busy as they may be, before anyone takes a dead entry out of it. */
const HEAD_START = 0.2
/** How long a close tries to give up what is held; what is left goes with the lease. */
const CLOSE_MS = 3_000
/** How long others may need to be back after this process is, in leases: they look for Redis once a second. */
const OTHERS_BACK = 0.3

interface RedisPresenceOptions {
  connect: Connect
  broker: Pick<Broker, 'process' | 'publish' | 'subscribe' | 'onChange'>
  /** Unique among those that share the Redis. Default: the broker's. */
  process?: string
  /** What places begin with that are watched; changes of others are told nobody. */
  watched: readonly string[]
  /** Default: 10 s. Renewals and patience go with it. */
  leaseMs?: number
  /** Is told what a listener threw. Default: a process warning. */
  onError?: (error: unknown) => void
}

const NOTHING = Buffer.alloc(0)
const topicOf = (place: string): string => `presence:${place}`
const byAge = (a: Entry, b: Entry): number => a.since - b.since || (a.connection < b.connection ? -1 : 1)

/** The presence of one process in Redis. Everything rejects at once (`Unavailable`) while Redis is away. */
export class RedisPresence implements Presence {
  readonly process: string
  readonly #store: PresenceStore
  readonly #broker: RedisPresenceOptions['broker']
  readonly #watched: readonly string[]
  readonly #held = new HeldHere()
  readonly #owed = new Owed()
  readonly #expiring: Listeners<[Gone]>
  readonly #prefixes = new Map<symbol, string>()
  readonly #losing: Listeners<[string, string]>
  readonly #hearing: Hearing
  readonly #lease: Lease
  /** Grows when Redis forgot this process: what others still clean up is not what is entered since. */
  #incarnation = 1

  constructor(options: RedisPresenceOptions) {
    const { connect, broker, watched, leaseMs = LEASE_MS, onError = warn } = options
    this.process = options.process ?? broker.process
    this.#store = new PresenceStore(connect)
    this.#broker = broker
    this.#watched = watched
    this.#expiring = new Listeners(onError)
    this.#losing = new Listeners(onError)
    this.#hearing = createHearing(broker, leaseMs * OTHERS_BACK)
    const dead = createReaper({
      store: this.#store,
      listensFor: (place) => [...this.#prefixes.values()].some((prefix) => place.startsWith(prefix)),
      expired: (gone) => this.#expiring.tell(gone),
      changed: (place) => this.#changed(place),
      headStartMs: leaseMs * HEAD_START,
      leaseMs,
    })
    this.#lease = new Lease({
      store: this.#store,
      process: this.process,
      leaseMs,
      forgotten: () => this.#enterAgain(),
      renewed: async () => {
        if (this.#hearing.isGood()) await this.#owed.settle()
      },
      dead,
      onError,
    })
  }

  /** Resolves when Redis is there for the first time. */
  get opened(): Promise<void> {
    return this.#lease.opened
  }

  async enter(place: string, entry: Entry): Promise<{ first: boolean }> {
    const { connection } = entry
    this.#needRedis()
    const before = this.#held.entry(place, connection)
    const held: HeldEntry = { place, entry: structuredClone(entry), incarnation: this.#incarnation }
    this.#held.addEntry(held)
    try {
      const entered = await this.#enter(held)
      this.#owed.forget('entry', place, connection)
      return entered
    } catch (error) {
      // It may have come in all the same. What was there stays, with what was said last; what was not must not.
      if (before) this.#owed.add('entry', place, connection, async () => void (await this.#enter(held)))
      else if (this.#held.removeEntry(place, connection)) this.#oweLeave(place, connection, undefined)
      throw error
    }
  }

  async leave(place: string, connection: string): Promise<{ last: boolean; entry: Entry } | undefined> {
    const held = this.#held.removeEntry(place, connection)
    try {
      this.#needRedis()
      this.#needListeners()
      const { entry, left } = await this.#store.leave(place, connection)
      this.#owed.forget('entry', place, connection)
      this.#forget({ kind: 'entry', name: place, connection })
      if (!entry) return undefined
      this.#changed(place)
      return { last: left === 0, entry }
    } catch (error) {
      this.#oweLeave(place, connection, held ?? 'if there')
      throw error
    }
  }

  async list(place: string): Promise<Entry[]> {
    this.#needRedis()
    return (await this.#store.list(place)).sort(byAge)
  }

  async claim(key: string, connection: string): Promise<{ ok: boolean; holder: string }> {
    const holder = await this.#hold(key, connection, (claim) => this.#store.claim(this.process, claim))
    if (holder === connection) return { ok: true, holder }
    this.#held.removeClaim(key, connection)
    this.#forget({ kind: 'claim', name: key, connection })
    return { ok: false, holder }
  }

  async take(key: string, connection: string): Promise<{ displaced?: string }> {
    const before = await this.#hold(key, connection, (claim) => this.#store.take(this.process, claim))
    return before === undefined || before === connection ? {} : { displaced: before }
  }

  async holder(key: string): Promise<string | undefined> {
    this.#needRedis()
    return this.#store.holder(key)
  }

  async release(key: string, connection: string): Promise<void> {
    this.#held.removeClaim(key, connection)
    try {
      this.#needRedis()
      await this.#release(key, connection)
      this.#owed.forget('claim', key, connection)
    } catch (error) {
      this.#owed.add('claim', key, connection, () => this.#release(key, connection))
      throw error
    }
  }

  onExpired(prefix: string, listener: (gone: Gone) => void): Unsubscribe {
    const id = Symbol(prefix)
    this.#prefixes.set(id, prefix)
    const end = this.#expiring.add((gone) => {
      if (gone.place.startsWith(prefix)) listener(gone)
    })
    return () => {
      this.#prefixes.delete(id)
      end()
    }
  }

  onLost(listener: (key: string, connection: string) => void): Unsubscribe {
    return this.#losing.add(listener)
  }

  watch(place: string, listener: () => void): Promise<Unsubscribe> {
    return keepSubscribed(this.#broker, topicOf(place), listener, listener)
  }

  get size(): number {
    return this.#held.size
  }

  async ping(): Promise<void> {
    this.#needRedis()
  }

  async close(): Promise<void> {
    this.#prefixes.clear()
    this.#expiring.clear()
    this.#losing.clear()
    this.#hearing.close()
    await within(CLOSE_MS, this.#giveUp()).catch(() => {})
    this.#lease.isUp = false
    this.#store.close()
  }

  #needRedis(): void {
    if (!this.#lease.isUp) throw new Unavailable('presence is away')
  }

  /** Whoever is told that somebody left before the bus carries for all would have a ghost: then it is owed. */
  #needListeners(): void {
    if (!this.#hearing.isGood()) throw new Unavailable('not everyone hears of it yet')
  }

  #changed(place: string): void {
    if (!this.#watched.some((prefix) => place.startsWith(prefix))) return
    this.#broker.publish({ topic: topicOf(place), payload: NOTHING })
  }

  async #enter({ place, entry, incarnation }: HeldEntry): Promise<{ first: boolean }> {
    const entered = await this.#store.enter(this.process, place, entry, incarnation)
    // It left meanwhile, and several servers of a Cluster keep no order.
    if (!this.#held.entry(place, entry.connection)) await this.#store.leave(place, entry.connection)
    this.#changed(place)
    return entered
  }

  async #hold<T>(key: string, connection: string, work: (claim: HeldClaim) => Promise<T>): Promise<T> {
    this.#needRedis()
    const claim = { key, connection, incarnation: this.#incarnation }
    const before = this.#held.claim(key, connection)
    this.#held.addClaim(claim)
    try {
      const result = await work(claim)
      this.#owed.forget('claim', key, connection)
      return result
    } catch (error) {
      // It may be held all the same, and nobody would know.
      if (!before && this.#held.removeClaim(key, connection))
        this.#owed.add('claim', key, connection, () => this.#release(key, connection))
      throw error
    }
  }

  async #release(key: string, connection: string): Promise<void> {
    await this.#store.release(key, connection)
    this.#forget({ kind: 'claim', name: key, connection })
  }

  /** Takes out of the index what is held no longer; where that fails, it is cleaned up when this process is gone. */
  #forget(gone: { kind: 'entry' | 'claim'; name: string; connection: string }): void {
    const { kind, name, connection } = gone
    const held = kind === 'entry' ? this.#held.entry(name, connection) : this.#held.claim(name, connection)
    if (!held)
      this.#store.unindex(this.process, [{ ...gone, incarnation: this.#incarnation }]).catch(() => {})
  }

  /**
   * Takes the entry out when Redis is back, and tells of it as of one that expired: `told`, or only if it is still
   * there, or not at all because nobody was told that it came.
   */
  #oweLeave(place: string, connection: string, told: HeldEntry | 'if there' | undefined): void {
    const { deaths } = this.#lease
    this.#owed.add('entry', place, connection, async () => {
      const known = typeof told === 'object' ? told.entry : undefined
      const { entry, left } = await this.#store.leave(place, connection, known && { person: known.person })
      this.#forget({ kind: 'entry', name: place, connection })
      if (entry) this.#changed(place)
      // Redis may have taken it out and could not say so, or lost it; but somebody else may have told of it since.
      const gone = entry ?? (deaths === this.#lease.deaths ? known : undefined)
      if (told && gone) this.#expiring.tell({ place, entry: gone, last: left === 0 })
    })
  }

  /** As a new incarnation: what others still clean up is not what is entered now. */
  async #enterAgain(): Promise<void> {
    const incarnation = ++this.#incarnation
    const before = [...this.#held.entries.map(toIndex), ...this.#held.claims.map(toIndex)]
    await inChunks(this.#held.entries, async ({ place, entry: { connection } }) => {
      const held = this.#held.entry(place, connection)
      if (!held) return
      held.incarnation = incarnation
      await this.#enter(held)
    })
    await inChunks(this.#held.claims, ({ key, connection }) => this.#claimAgain(key, connection, incarnation))
    await this.#store.unindex(
      this.process,
      before.filter((held) => held.incarnation < incarnation),
    )
  }

  async #claimAgain(key: string, connection: string, incarnation: number): Promise<void> {
    const claim = this.#held.claim(key, connection)
    if (!claim) return
    claim.incarnation = incarnation
    const holder = await this.#store.claim(this.process, claim)
    if (holder === connection || !this.#held.removeClaim(key, connection)) return
    this.#forget({ kind: 'claim', name: key, connection })
    this.#losing.tell(key, connection)
  }

  async #giveUp(): Promise<void> {
    await this.#lease.stop()
    this.#needRedis()
    const { entries, claims } = this.#held
    await inChunks(entries, async ({ place, entry: { connection } }) => {
      await this.#store.leave(place, connection)
      this.#changed(place)
    })
    await inChunks(claims, ({ key, connection }) => this.#store.release(key, connection))
    this.#held.clear()
    await this.#store.unindex(this.process, [...entries.map(toIndex), ...claims.map(toIndex)])
    await this.#store.giveUp(this.process)
  }
}
