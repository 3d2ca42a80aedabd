import type { Numbered } from './message.ts'

/** What to do next. */
export interface Step<T> {
  /** To the members, in this order. */
  deliver: Numbered<T>[]
  /** Read from the store what has a greater number than this, and answer with {@link Order.read} or {@link Order.unread}. */
  readAfter?: number
  /** Only a gap before this number asks for that: the bus may bring what is missing yet. */
  gapTo?: number
}

/**
 * Puts the messages of one room into their order, each once, whatever the bus does to them: late ones wait, doubled ones
 * are dropped, missing ones are asked of the store.
 */
export interface Order<T> {
  /** The number of the last message that was delivered; `undefined` before {@link start}. */
  readonly last: number | undefined
  /** Messages up to `last` are none of ours; what came meanwhile is kept. */
  start(last: number): Step<T>
  /** The bus brought it. */
  live(number: number, item: T): Step<T>
  /** The bus may have lost something. */
  doubt(): Step<T>
  /** The store's answer, ascending. `more`: it holds further ones. */
  read(found: readonly Numbered<T>[], more: boolean): Step<T>
  /** The store did not answer; the next {@link doubt} asks again. */
  unread(): void
}

/** Messages that wait for an earlier one; what comes beyond that is read from the store. */
const AHEAD_MAX = 1000

export function createOrder<T>(): Order<T> {
  const ahead = new Map<number, T>()
  let last: number | undefined
  let heard = 0
  let doubtful = false
  /** While the store is asked: the highest number that was heard of before. */
  let asked: number | undefined

  /** Delivers what follows without a gap; asks where there is one. */
  function settle(deliver: Numbered<T>[], from: number): Step<T> {
    let next = from + 1
    for (let item = ahead.get(next); item !== undefined; item = ahead.get(next)) {
      deliver.push({ number: next, item })
      ahead.delete(next++)
    }
    last = next - 1
    if (asked !== undefined || !(doubtful || heard > last)) return { deliver }
    asked = heard
    const step = { deliver, readAfter: last }
    if (!doubtful) return { ...step, gapTo: heard }
    doubtful = false
    return step
  }

  return {
    get last() {
      return last
    },
    start(first) {
      for (const number of ahead.keys()) if (number <= first) ahead.delete(number)
      return settle([], first)
    },
    live(number, item) {
      if (last !== undefined && number <= last) return { deliver: [] }
      heard = Math.max(heard, number)
      if (number === (last ?? Number.NaN) + 1 || ahead.size < AHEAD_MAX) ahead.set(number, item)
      return last === undefined ? { deliver: [] } : settle([], last)
    },
    doubt() {
      doubtful = true
      return last === undefined ? { deliver: [] } : settle([], last)
    },
    read(found, more) {
      let at = last ?? 0
      const deliver: Numbered<T>[] = []
      for (const message of found) {
        if (message.number <= at) continue
        // Numbers become visible in their order, so one that is left out here was taken back and never comes.
        deliver.push(message)
        at = message.number
      }
      // What was heard of before the question and is not in the whole answer was taken back, too.
      if (more) doubtful = true
      else at = Math.max(at, asked ?? 0)
      for (const number of ahead.keys()) if (number <= at) ahead.delete(number)
      asked = undefined
      return settle(deliver, at)
    },
    unread() {
      asked = undefined
      doubtful = true
    },
  }
}
