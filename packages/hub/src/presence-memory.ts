import type { Unsubscribe } from './broker.ts'
import { Listeners } from './listeners.ts'
import type { Entry, Gone, Presence } from './presence.ts'
import { warn } from './report.ts'

interface Held {
  entry: Entry
  process: string
}

/** Entries of one place, and how many each person has there. */
interface Place {
  held: Map<string, Held>
  people: Map<string, number>
}

/** What several {@link MemoryPresence}s share, each standing for one process. */
export class MemoryPresenceStore {
  readonly places = new Map<string, Place>()
  readonly claims = new Map<string, { connection: string; process: string }>()
  readonly alive = new Set<MemoryPresence>()
  readonly watchers = new Map<string, Set<{ listener: () => void }>>()

  /** How many places and claims it keeps. */
  get size(): number {
    return this.places.size + this.claims.size
  }

  /** The process died and its lease ran out, for tests. */
  crash(processId: string): void {
    for (const presence of this.alive) if (presence.process === processId) this.alive.delete(presence)
    this.forget(processId, (gone) => [...this.alive].find((one) => one.listensFor(gone.place))?.expired(gone))
  }

  /** A claim goes to another process without a word, as after a long outage, for tests. */
  steal(key: string, connection: string, processId: string): void {
    const held = this.claims.get(key)
    this.claims.set(key, { connection, process: processId })
    for (const presence of this.alive)
      if (held && presence.process === held.process) presence.lost(key, held.connection)
  }

  watch(place: string, listener: () => void): () => void {
    const watcher = { listener }
    const watchers = this.watchers.get(place) ?? new Set()
    this.watchers.set(place, watchers.add(watcher))
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.watchers.get(place) === watchers) this.watchers.delete(place)
    }
  }

  changed(place: string): void {
    for (const { listener } of this.watchers.get(place) ?? []) listener()
  }

  /** How many entries and claims the process holds. */
  heldBy(processId: string): number {
    const all = [
      ...this.claims.values(),
      ...[...this.places.values()].flatMap(({ held }) => [...held.values()]),
    ]
    return all.filter(({ process }) => process === processId).length
  }

  /** Takes away everything that the process holds; `tell` is called after each entry. */
  forget(processId: string, tell: (gone: Gone) => void): void {
    for (const [key, claim] of this.claims) if (claim.process === processId) this.claims.delete(key)
    for (const [place, { held }] of this.places)
      for (const [connection, { process }] of held) {
        const gone = process === processId && this.remove(place, connection)
        if (!gone) continue
        tell({ place, ...gone })
        this.changed(place)
      }
  }

  remove(name: string, connection: string): { last: boolean; entry: Entry } | undefined {
    const place = this.places.get(name)
    const held = place?.held.get(connection)
    if (!place || !held) return undefined
    const { entry } = held
    place.held.delete(connection)
    const left = (place.people.get(entry.person) ?? 1) - 1
    if (left > 0) place.people.set(entry.person, left)
    else place.people.delete(entry.person)
    if (place.held.size === 0) this.places.delete(name)
    return { last: left === 0, entry }
  }

  add(name: string, held: Held): { first: boolean } {
    const before = this.places.get(name)?.people.has(held.entry.person) ?? false
    this.remove(name, held.entry.connection)
    const place = this.places.get(name) ?? { held: new Map(), people: new Map() }
    this.places.set(name, place)
    place.held.set(held.entry.connection, held)
    place.people.set(held.entry.person, (place.people.get(held.entry.person) ?? 0) + 1)
    return { first: !before }
  }
}

/** The presence of one process without Redis. */
export class MemoryPresence implements Presence {
  readonly process: string
  readonly #store: MemoryPresenceStore
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<{ prefix: string; listener: (gone: Gone) => void }>()
  readonly #losing: Listeners<[string, string]>
  readonly #watches = new Set<Unsubscribe>()

  /** @param onError Is told what a listener threw. Default: a process warning. */
  constructor(store: MemoryPresenceStore, processId: string, onError: (error: unknown) => void = warn) {
    this.process = processId
    this.#store = store
    this.#onError = onError
    this.#losing = new Listeners(onError)
    store.alive.add(this)
  }

  listensFor(place: string): boolean {
    return [...this.#listeners].some(({ prefix }) => place.startsWith(prefix))
  }

  async enter(place: string, entry: Entry): Promise<{ first: boolean }> {
    const entered = this.#store.add(place, { entry: copyOf(entry), process: this.process })
    this.#store.changed(place)
    return entered
  }

  async leave(place: string, connection: string): Promise<{ last: boolean; entry: Entry } | undefined> {
    const left = this.#store.remove(place, connection)
    if (left) this.#store.changed(place)
    return left
  }

  async list(place: string): Promise<Entry[]> {
    const entries = [...(this.#store.places.get(place)?.held.values() ?? [])].map(({ entry }) => ({
      ...entry,
    }))
    return entries.sort((a, b) => a.since - b.since || (a.connection < b.connection ? -1 : 1))
  }

  async claim(key: string, connection: string): Promise<{ ok: boolean; holder: string }> {
    const held = this.#store.claims.get(key)
    if (held && held.connection !== connection) return { ok: false, holder: held.connection }
    this.#store.claims.set(key, { connection, process: this.process })
    return { ok: true, holder: connection }
  }

  async take(key: string, connection: string): Promise<{ displaced?: string }> {
    const held = this.#store.claims.get(key)
    this.#store.claims.set(key, { connection, process: this.process })
    return held && held.connection !== connection ? { displaced: held.connection } : {}
  }

  async holder(key: string): Promise<string | undefined> {
    return this.#store.claims.get(key)?.connection
  }

  async release(key: string, connection: string): Promise<void> {
    if (this.#store.claims.get(key)?.connection === connection) this.#store.claims.delete(key)
  }

  onExpired(prefix: string, listener: (gone: Gone) => void): Unsubscribe {
    const subscription = { prefix, listener }
    this.#listeners.add(subscription)
    return () => this.#listeners.delete(subscription)
  }

  onLost(listener: (key: string, connection: string) => void): Unsubscribe {
    return this.#losing.add(listener)
  }

  async watch(place: string, listener: () => void): Promise<Unsubscribe> {
    const end = this.#store.watch(place, () => this.#call(listener))
    this.#watches.add(end)
    return () => {
      this.#watches.delete(end)
      end()
    }
  }

  get size(): number {
    return this.#store.heldBy(this.process)
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#store.alive.delete(this)
    this.#listeners.clear()
    this.#losing.clear()
    for (const end of this.#watches) end()
    this.#store.forget(this.process, () => {})
  }

  /** Tells this process's listeners that an entry of a dead one is gone. */
  expired(gone: Gone): void {
    for (const { prefix, listener } of this.#listeners)
      if (gone.place.startsWith(prefix)) this.#call(() => listener(gone))
  }

  /** Tells this process' listeners that a claim is another's. */
  lost(key: string, connection: string): void {
    this.#losing.tell(key, connection)
  }

  #call(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#onError(error)
    }
  }
}

/** As whoever reads it from Redis would get it. */
const copyOf = (entry: Entry): Entry =>
  entry.info === undefined ? { ...entry } : { ...entry, info: JSON.parse(JSON.stringify(entry.info)) }
