import { onTestFinished } from 'vitest'

/** Closed when the test is over, however it ends. */
export function during<C extends { close(): void }>(client: C): C {
  onTestFinished(() => client.close())
  return client
}

/** What comes from now on is kept until it is asked for: `await heard(2)` are the next two. */
export function hear<T>(items: AsyncIterable<T>): (count: number) => Promise<T[]> {
  const iterator = items[Symbol.asyncIterator]()
  return async (count) => {
    const next: T[] = []
    while (next.length < count) {
      const { value, done } = await iterator.next()
      if (done) throw new Error(`it ended after ${next.length} of ${count}`)
      next.push(value)
    }
    return next
  }
}
