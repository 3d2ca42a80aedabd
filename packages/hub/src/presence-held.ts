import type { Entry } from './presence.ts'
import type { Held } from './presence-index.ts'

export interface HeldEntry {
  place: string
  entry: Entry
  incarnation: number
}

export interface HeldClaim {
  key: string
  connection: string
  incarnation: number
}

/** No connection holds a line feed, so that the first one parts the two. */
const pair = (name: string, connection: string): string => `${connection}\n${name}`

/** What a process holds, so that it can say so again to a Redis that forgot it. */
export class HeldHere {
  readonly #entries = new Map<string, HeldEntry>()
  readonly #claims = new Map<string, HeldClaim>()

  get size(): number {
    return this.#entries.size + this.#claims.size
  }

  get entries(): HeldEntry[] {
    return [...this.#entries.values()]
  }

  get claims(): HeldClaim[] {
    return [...this.#claims.values()]
  }

  entry(place: string, connection: string): HeldEntry | undefined {
    return this.#entries.get(pair(place, connection))
  }

  addEntry(held: HeldEntry): void {
    this.#entries.set(pair(held.place, held.entry.connection), held)
  }

  /** Answers what it took out. */
  removeEntry(place: string, connection: string): HeldEntry | undefined {
    const held = this.entry(place, connection)
    this.#entries.delete(pair(place, connection))
    return held
  }

  claim(key: string, connection: string): HeldClaim | undefined {
    return this.#claims.get(pair(key, connection))
  }

  addClaim(held: HeldClaim): void {
    this.#claims.set(pair(held.key, held.connection), held)
  }

  removeClaim(key: string, connection: string): HeldClaim | undefined {
    const held = this.claim(key, connection)
    this.#claims.delete(pair(key, connection))
    return held
  }

  clear(): void {
    this.#entries.clear()
    this.#claims.clear()
  }
}

export const toIndex = (held: HeldEntry | HeldClaim): Held => {
  const { incarnation } = held
  return 'key' in held
    ? { kind: 'claim', name: held.key, connection: held.connection, incarnation }
    : { kind: 'entry', name: held.place, connection: held.entry.connection, incarnation }
}

/** What is told Redis at once. */
const CHUNK = 200

export async function inChunks<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += CHUNK) await Promise.all(all.slice(i, i + CHUNK).map(work))
}
