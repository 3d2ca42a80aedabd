import type { Clock } from '../clock.ts'
import { createBacklog } from './backlog.ts'
import type { Pace } from './pace.ts'
import type { Post } from './poster.ts'
import { createRunner } from './runner.ts'
import type { Said } from './said.ts'

/** Where what links bring on comes from. One process at a time holds it and works on it. */
export interface Work {
  /** Messages that wait here. */
  readonly waiting: number
  /** Messages that there was no room for. */
  readonly lost: number
  hold(): void
  letGo(): void
  /** There may be something to do. */
  wake(): void
  /** Brings on what waits, without regard to the pace, for 2 s at most, and ends. */
  close(): Promise<void>
}

export interface BusOriginOptions {
  clock: Clock
  pace: Pace
  /** Who hears of it, and what. Rejects where that cannot be known yet. */
  postOf(batch: readonly Said[]): Promise<Post>
  post(post: Post): Promise<void>
  /** These are brought on; whoever else keeps them need not. */
  done(ids: readonly string[]): void
  onError(error: unknown): void
}

export interface BusOrigin extends Work {
  hear(said: Said): void
  /** Another process brought these on. */
  settle(ids: readonly string[]): void
}

/** Messages that are brought on at once. */
export const BATCH_MAX = 100
/** How long what is too fast waits. */
export const PACE_MS = 100
const CLOSE_MS = 2000
/** What a message weighs in memory beside its text's bytes. */
const OVERHEAD_BYTES = 400

/**
 * Something that is said on the bus and kept nowhere. Every process hears it and keeps it until it was brought on, so
 * that nothing is lost with the process that does that.
 */
export function createBusOrigin(options: BusOriginOptions): BusOrigin {
  const { clock, pace, postOf, post, done, onError } = options
  const backlog = createBacklog<Said>(() => clock.now())
  let held = false
  let closing = false
  let emptied: (() => void) | undefined

  async function work(): Promise<number | undefined> {
    if (!held || backlog.size === 0) return void emptied?.()
    const count = closing ? BATCH_MAX : Math.min(BATCH_MAX, pace.allowed())
    if (count < 1) return PACE_MS
    const batch = backlog.first(count)
    await post(await postOf(batch))
    pace.spend(batch.length)
    const ids = batch.map(({ id }) => id)
    backlog.remove(ids)
    done(ids)
    return 0
  }
  const runner = createRunner({ work, clock, onError })

  return {
    get waiting() {
      return backlog.size
    },
    get lost() {
      return backlog.lost
    },
    hear(said) {
      backlog.add(said, said.text.length * 2 + OVERHEAD_BYTES)
      if (held) runner.wake()
    },
    settle: (ids) => backlog.settle(ids),
    hold() {
      held = true
      runner.wake()
    },
    letGo() {
      held = false
    },
    wake() {},
    async close() {
      closing = true
      const empty = new Promise<void>((resolve) => {
        emptied = resolve
      })
      const late = Promise.withResolvers<void>()
      const stop = clock.after(CLOSE_MS, late.resolve)
      runner.wake()
      await Promise.race([empty, late.promise])
      stop()
      await runner.stop()
    },
  }
}
