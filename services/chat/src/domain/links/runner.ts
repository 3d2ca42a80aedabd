import type { Clock } from '../clock.ts'

export interface Runner {
  /** There is something to do. */
  wake(): void
  /** Resolves once nothing is done any more. What waits is not waited for. */
  stop(): Promise<void>
}

export interface RunnerOptions {
  /** Does one step; answers after how many milliseconds the next one is due, `undefined`: when there is something to do. */
  work(): Promise<number | undefined>
  clock: Clock
  /** Called for the first of several failures in a row. */
  onError(error: unknown): void
}

/** How long after a failure it is tried again. */
const RETRY_MS = 1000

/** Works as long as there is something to do, one step after the other, and again after failures. */
export function createRunner({ work, clock, onError }: RunnerOptions): Runner {
  let wanted = false
  let failing = false
  let stopped = false
  let running: Promise<void> | undefined
  let endPause: (() => void) | undefined

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(milliseconds, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })

  async function step(): Promise<number | undefined> {
    try {
      const next = await work()
      failing = false
      return next
    } catch (error) {
      if (!failing) onError(error)
      failing = true
      return RETRY_MS
    }
  }

  async function run(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false
      const next = await step()
      if (next === undefined) continue
      wanted = true
      if (next > 0 && !stopped) await pause(next)
    }
    running = undefined
  }

  return {
    wake() {
      wanted = true
      running ??= run()
    },
    async stop() {
      stopped = true
      endPause?.()
      await running
    },
  }
}
