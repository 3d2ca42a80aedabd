import type { Gone } from './presence.ts'
import type { Held, PresenceStore, Renewed } from './presence-store.ts'

/** What is cleaned up at once. */
const CHUNK = 200

interface ReaperOptions {
  store: PresenceStore
  /** Whether somebody here answers for the place. */
  listensFor(place: string): boolean
  expired(gone: Gone): void
  changed(place: string): void
  /** Milliseconds that those who answer for a place have before others clean it up. */
  headStartMs: number
  /** Milliseconds after which nothing more of a dead process can come. */
  leaseMs: number
}

/**
 * Cleans up after dead processes, beside the others that do: who takes an entry out of Redis tells of it, so that it is
 * told once. Where one dies between the two, nobody is told.
 */
export function createReaper({ store, listensFor, expired, changed, headStartMs, leaseMs }: ReaperOptions) {
  async function takeOut({ kind, name, connection, incarnation }: Held): Promise<void> {
    if (kind === 'claim') return store.release(name, connection, incarnation)
    const { entry, left } = await store.leave(name, connection, { incarnation })
    if (!entry) return
    expired({ place: name, entry, last: left === 0 })
    changed(name)
  }

  return async ({ process, forMs }: Renewed['dead'][number]): Promise<void> => {
    const all = await store.indexed(process)
    const mine = all.filter(({ kind, name }) => kind === 'claim' || forMs >= headStartMs || listensFor(name))
    for (let i = 0; i < mine.length; i += CHUNK) {
      const some = mine.slice(i, i + CHUNK)
      await Promise.all(some.map(takeOut))
      await store.unindex(process, some)
    }
    if (all.length === 0 && forMs >= leaseMs) await store.bury(process)
  }
}
