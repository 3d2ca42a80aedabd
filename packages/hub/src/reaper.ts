import type { Gone } from './presence.ts'
import { inChunks } from './presence-held.ts'
import type { Held } from './presence-index.ts'
import type { PresenceStore, Renewed } from './presence-store.ts'

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

  async function cleanUp({ process, forMs }: Renewed['dead'][number]): Promise<void> {
    const all = await store.indexed(process)
    const mine = all.filter(({ kind, name }) => kind === 'claim' || forMs >= headStartMs || listensFor(name))
    await inChunks(mine, async (held) => {
      await takeOut(held)
      await store.unindex(process, [held])
    })
    if (all.length === 0 && forMs >= leaseMs) await store.bury(process)
  }

  let isBusy = false
  return async (dead: Renewed['dead']): Promise<void> => {
    if (isBusy) return
    isBusy = true
    // What fails is tried again at the next renewal, here and elsewhere.
    for (const one of dead) await cleanUp(one).catch(() => {})
    isBusy = false
  }
}
