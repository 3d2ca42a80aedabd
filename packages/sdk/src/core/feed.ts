import { SwitchboardError } from './errors.ts'

/** Most items that wait in one iterator; past it, the iterator throws `TOO_SLOW` when it has given what it holds. */
const WAITING_MAX = 10_000

/** Most items that are kept, the newest, until somebody begins to iterate. */
const UNCLAIMED_MAX = 1_000

interface Queue<T> extends AsyncIterableIterator<T, undefined, undefined> {
  push(item: T): void
  end(error?: unknown): void
}

/** Items that are awaited one by one. */
function createQueue<T>(max: number, onReturn: () => void): Queue<T> {
  const items: T[] = []
  const waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void }[] = []
  let over: { error?: unknown } | undefined
  const done = { value: undefined, done: true } as const

  function end(error?: unknown): void {
    over ??= error === undefined ? {} : { error }
    for (const { resolve, reject } of waiting.splice(0)) error === undefined ? resolve(done) : reject(error)
  }
  return {
    push(item) {
      if (over) return
      const first = waiting.shift()
      if (first) first.resolve({ value: item, done: false })
      else if (items.length < max) items.push(item)
      else end(new SwitchboardError('TOO_SLOW', `more than ${max} items were not read`, false))
    },
    end,
    next: () =>
      new Promise((resolve, reject) => {
        const [item] = items
        if (items.length > 0) {
          items.shift()
          resolve({ value: item as T, done: false })
        } else if (over && 'error' in over) {
          const { error } = over
          over = {}
          reject(error)
        } else if (over) resolve(done)
        else waiting.push({ resolve, reject })
      }),
    async return() {
      items.length = 0
      end()
      onReturn()
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

export interface Feed<T> extends AsyncIterable<T, undefined, undefined> {
  push(item: T): void
  /** Every iterator ends when it has given what it holds: quietly, or by throwing `error`. */
  end(error?: unknown): void
}

/**
 * What can be iterated over by several at once. The first iterator starts with what came before it (the newest 1,000), the
 * others with what comes from then on.
 */
export function createFeed<T>(): Feed<T> {
  let unclaimed: T[] | undefined = []
  let over: { error?: unknown } | undefined
  const queues = new Set<Queue<T>>()
  return {
    push(item) {
      if (unclaimed && unclaimed.push(item) > UNCLAIMED_MAX) unclaimed.shift()
      for (const queue of queues) queue.push(item)
    },
    end(error) {
      over ??= { error }
      for (const queue of queues) queue.end(error)
      queues.clear()
    },
    [Symbol.asyncIterator]() {
      const queue = createQueue<T>(WAITING_MAX, () => queues.delete(queue))
      for (const item of unclaimed ?? []) queue.push(item)
      unclaimed = undefined
      if (over) queue.end(over.error)
      else queues.add(queue)
      return queue
    },
  }
}
