/** Collects what comes while a write is under way into the next one, so that many appends cost one transaction. */
export interface Writer<T, R> {
  /** Resolves with the answer of the write that took the item along. Items are written in the order of these calls. */
  add(item: T): Promise<R>
  /** Resolves, and never rejects, once all that was added before is written or failed. */
  settled(): Promise<void>
}

/** @param most Items in one write. */
export function createWriter<T, R>(write: (items: readonly T[]) => Promise<R>, most: number): Writer<T, R> {
  const waiting: { item: T; resolve(answer: R): void; reject(error: unknown): void }[] = []
  let newest: Promise<unknown> = Promise.resolve()
  let isWriting = false

  async function run(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const answer = await write(batch.map(({ item }) => item))
        for (const { resolve } of batch) resolve(answer)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isWriting = false
  }

  return {
    add(item) {
      const written = new Promise<R>((resolve, reject) => waiting.push({ item, resolve, reject }))
      newest = written
      if (!isWriting) void run()
      return written
    },
    settled: () =>
      newest.then(
        () => {},
        () => {},
      ),
  }
}
