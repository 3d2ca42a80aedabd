import type { Unsubscribe } from './broker.ts'
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

  /** How many places and claims it keeps. */
  get size(): number {
    return this.places.size + this.claims.size
  }

  /** The process died and its lease ran out, for tests. */
  crash(processId: string): void {
    for (const presence of this.alive) if (presence.process === processId) this.alive.delete(presence)
    this.forget(processId, (gone) => [...this.alive].find((one) => one.listensFor(gone.place))?.expired(gone))
  }

  /** Takes away everything that the process holds; `tell` is called after each entry. */
  forget(processId: string, tell: (gone: Gone) => void): void {
    for (const [key, claim] of this.claims) if (claim.process === processId) this.claims.delete(key)
    for (const [place, { held }] of this.places)
      for (const [connection, { process }] of held) {
        const gone = process === processId && this.remove(place, connection)
        if (gone) tell({ place, ...gone })
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

  /** @param onError Is told what a listener threw. Default: a process warning. */
  constructor(store: MemoryPresenceStore, processId: string, onError: (error: unknown) => void = warn) {
    this.process = processId
    this.#store = store
    this.#onError = onError
    store.alive.add(this)
  }

  listensFor(place: string): boolean {
    return [...this.#listeners].some(({ prefix }) => place.startsWith(prefix))
  }

  async enter(place: string, entry: Entry): Promise<{ first: boolean }> {
    return this.#store.add(place, { entry: structuredClone(entry), process: this.process })
  }

  async leave(place: string, connection: string): Promise<{ last: boolean; entry: Entry } | undefined> {
    return this.#store.remove(place, connection)
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

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#store.alive.delete(this)
    this.#listeners.clear()
    this.#store.forget(this.process, () => {})
  }

  /** Tells this process's listeners that an entry of a dead one is gone. */
  expired(gone: Gone): void {
    for (const { prefix, listener } of this.#listeners)
      try {
        if (gone.place.startsWith(prefix)) listener(gone)
      } catch (error) {
        this.#onError(error)
      }
  }
}
