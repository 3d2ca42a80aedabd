import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** Lets what has nothing to check take as long as a check. */
export interface Pace {
  check<T>(work: () => Promise<T>): Promise<T>
  /** As long as one of the last checks took. */
  pretend(): Promise<void>
}

/** So many of the last are remembered. */
const LATELY = 32

/** @param clock milliseconds */
export function createPace(
  clock = () => performance.now(),
  wait: (ms: number) => Promise<unknown> = sleep,
): Pace {
  const lately: number[] = []
  return {
    async check(work) {
      const start = clock()
      const result = await work()
      lately.push(clock() - start)
      if (lately.length > LATELY) lately.shift()
      return result
    },
    async pretend() {
      const ms = lately.length > 0 ? lately[randomInt(lately.length)] : undefined
      if (ms !== undefined) await wait(ms)
    },
  }
}
