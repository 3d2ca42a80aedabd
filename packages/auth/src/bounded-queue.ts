import { Unavailable } from './unavailable.ts'

/** Runs work in the order it came, so much of it at once. */
export interface BoundedQueue {
  /** @throws Unavailable where as much waits already as may */
  run<T>(work: () => Promise<T>): Promise<T>
}

export function boundedQueue({
  concurrency,
  waiting,
}: {
  concurrency: number
  waiting: number
}): BoundedQueue {
  const turns: (() => void)[] = []
  let running = 0

  async function turn(): Promise<void> {
    if (running < concurrency) {
      running++
      return
    }
    if (turns.length >= waiting) throw new Unavailable('too many passwords are being checked')
    // Whoever ends hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => {
      turns.push(resolve)
    })
  }

  function done(): void {
    const next = turns.shift()
    if (next) next()
    else running--
  }

  return {
    async run(work) {
      await turn()
      try {
        return await work()
      } finally {
        done()
      }
    },
  }
}
