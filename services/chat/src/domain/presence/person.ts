import { type Clock, sleep } from '../clock.ts'
import { type Reported, type Spot, spotsOf } from './spots.ts'

export interface PersonOptions {
  /** What is needed of the hub's presence. */
  presence: {
    watch(place: string, listener: () => void): Promise<() => void>
    list(place: string): Promise<readonly Reported[]>
  }
  clock: Clock
  /** A reading is there. */
  read(): void
  /** Presence did not answer; it is asked again. */
  failed(error: unknown): void
}

/** Changes within this time are one reading. */
const COALESCE_MS = 50
/** How soon presence is asked again that did not answer. */
const RETRY_MS = 1000

/** Where one person is, read now and after every change. */
export function createPerson(place: string, { presence, clock, read, failed }: PersonOptions) {
  let spots: readonly Spot[] | undefined
  let unwatch: (() => void) | undefined
  let stopped = false
  let stale = true
  let reading = false

  /** Watched first, so that no change falls between. */
  async function lookUp(): Promise<void> {
    if (!unwatch) {
      const end = await presence.watch(place, changed)
      if (stopped) return end()
      unwatch = end
    }
    stale = false
    const entries = await presence.list(place)
    if (stopped) return
    spots = spotsOf(entries)
    read()
  }

  async function tryLookUp(): Promise<boolean> {
    try {
      await lookUp()
      return true
    } catch (error) {
      stale = true
      if (!stopped) failed(error)
      return false
    }
  }

  async function lookUpWhileStale(waitMs: number): Promise<void> {
    reading = true
    let wait = waitMs
    while (stale && !stopped) {
      if (wait > 0) await sleep(clock, wait)
      if (!stopped) wait = (await tryLookUp()) ? COALESCE_MS : RETRY_MS
    }
    reading = false
  }

  function changed(): void {
    stale = true
    if (!reading) void lookUpWhileStale(COALESCE_MS)
  }

  void lookUpWhileStale(0)
  return {
    get spots() {
      return spots
    },
    changed,
    stop() {
      stopped = true
      unwatch?.()
    },
  }
}
