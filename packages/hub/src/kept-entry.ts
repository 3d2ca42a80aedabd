import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry, Presence } from './presence.ts'

/** What presence was not told because it was away, it is told so much later, milliseconds. */
const RETRY_MS = 1000

/** One connection's entry in a place, which says what changes while the connection is there. */
export interface KeptEntry {
  /** Rejects where presence is away; {@link KeptEntry.leave} undoes what may have come of it all the same. */
  enter(): Promise<void>
  /** What the entry says changed. Presence is told as soon as it can be; of several changes meanwhile, the last. */
  changed(): void
  /** For good: no change brings it back. Rejects where presence is away. */
  leave(): Promise<void>
}

/** @param entry what it says now; always of the same connection */
export function keepEntry(presence: Presence, place: string, entry: () => Entry): KeptEntry {
  const left = new AbortController()
  let stale = false
  let last: Promise<unknown> = Promise.resolve()

  /** One call at a time, or an older state could come last. */
  function serially<T>(call: () => Promise<T>): Promise<T> {
    const result = last.then(call)
    last = result.catch(() => {})
    return result
  }

  async function tell(): Promise<void> {
    stale = false
    try {
      await presence.enter(place, entry())
    } catch {
      stale = true
      await sleep(RETRY_MS, undefined, { signal: left.signal, ref: false }).catch(() => {})
    }
  }

  async function tellWhileStale(): Promise<void> {
    while (stale && !left.signal.aborted) await tell()
  }

  return {
    enter: () => serially(async () => void (await presence.enter(place, entry()))),
    changed() {
      if (stale || left.signal.aborted) return
      stale = true
      void serially(tellWhileStale)
    },
    leave() {
      left.abort()
      return serially(async () => void (await presence.leave(place, entry().connection)))
    },
  }
}
