import { bufferFull, SwitchboardError } from './errors.ts'

/** What was said and has not come back. */
interface Said<T> {
  key: string
  /** Given to a connection; what is not yet is only here. */
  isSent: boolean
  promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** Most that is said and has not come back: what a server lets wait of one connection. */
const PENDING_MAX = 1_000

export interface Pending<T> {
  /**
   * Puts `key` down and calls `put` with what is to be called when it is given to a connection; `put` answers how to take
   * it back, or throws, and so rejects. Resolves with what `came` brings.
   */
  say(key: string, put: (onSent: () => void) => () => void, signal?: AbortSignal): Promise<T>
  /** `value` came, as what was said with `key` would: the earliest such has come back. */
  came(key: string, value: T): void
  /** There is a connection again: what was said over an earlier one may still come. */
  reopened(): void
  /** There is no connection, so nothing can come and no time runs. */
  paused(): void
  /** What was given to a connection rejects. */
  failSent(reason: unknown): void
  /** Everything rejects. `quiet`: the caller wants it so, and whoever did not wait for it needs not hear of it. */
  fail(reason: unknown, quiet: boolean): void
}

/**
 * Messages that a server brings back as the sign that it has them. They come in the order in which they were sent.
 *
 * @param patienceMs after this long without any of them it rejects with `UNCONFIRMED`, and `onSilence` is told
 */
export function createPending<T>(patienceMs: number, onSilence: () => void): Pending<T> {
  const said = new Set<Said<T>>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const sent = () => [...said].filter(({ isSent }) => isSent)
  function settle(all: Iterable<Said<T>>, reason: unknown): void {
    for (const one of all) one.reject(reason)
  }
  function wait(): void {
    clearTimeout(timer)
    timer = undefined
    if (sent().length > 0) timer = setTimeout(unconfirmed, patienceMs)
  }
  function unconfirmed(): void {
    timer = undefined
    settle(sent(), new SwitchboardError('UNCONFIRMED', 'it was sent, and did not come back', false))
    onSilence()
  }
  return {
    say(key, put, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      let takeBack = () => {}
      const aborted = () => one.reject(signal?.reason)
      const over = () => {
        said.delete(one)
        takeBack()
        signal?.removeEventListener('abort', aborted)
      }
      const one: Said<T> = {
        key,
        isSent: false,
        promise,
        resolve(value) {
          over()
          resolve(value)
        },
        reject(reason) {
          over()
          reject(reason)
        },
      }
      try {
        signal?.throwIfAborted()
        if (said.size >= PENDING_MAX) throw bufferFull('too many messages')
        said.add(one)
        takeBack = put(() => {
          one.isSent = true
          if (timer === undefined) wait()
        })
        signal?.addEventListener('abort', aborted)
      } catch (error) {
        one.reject(error)
      }
      return promise
    },
    came(key, value) {
      for (const one of said) {
        if (!one.isSent || one.key !== key) continue
        one.resolve(value)
        return wait()
      }
    },
    reopened: wait,
    paused: () => clearTimeout(timer),
    failSent: (reason) => settle(sent(), reason),
    fail(reason, quiet) {
      clearTimeout(timer)
      if (quiet) for (const { promise } of said) promise.catch(() => {})
      settle([...said], reason)
    },
  }
}
