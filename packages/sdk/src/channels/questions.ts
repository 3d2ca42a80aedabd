import { timedOut } from '../core/errors.ts'

/** Questions whose answers say what was asked; of two that ask the same, the first answer is both's. */
export interface Questions<T> {
  /** `ask` sends it, where nobody waits for the same answer already. */
  put(key: string, ask: () => void, signal?: AbortSignal): Promise<T>
  answer(key: string, value: T): void
  refuse(key: string, reason: unknown): void
  fail(reason: unknown): void
  readonly keys: Iterable<string>
}

export function createQuestions<T>(timeoutMs: number): Questions<T> {
  const waiting = new Map<string, PromiseWithResolvers<T>[]>()

  function take(key: string): PromiseWithResolvers<T>[] {
    const all = waiting.get(key) ?? []
    waiting.delete(key)
    return all
  }
  function refuse(key: string, reason: unknown): void {
    for (const { reject } of take(key)) reject(reason)
  }
  return {
    get keys() {
      return waiting.keys()
    },
    async put(key, ask, signal) {
      signal?.throwIfAborted()
      const one = Promise.withResolvers<T>()
      const others = waiting.get(key)
      if (!others) ask()
      waiting.set(key, [...(others ?? []), one])
      const timer = setTimeout(() => refuse(key, timedOut(timeoutMs)), timeoutMs)
      const aborted = () => one.reject(signal?.reason)
      signal?.addEventListener('abort', aborted)
      try {
        return await one.promise
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', aborted)
      }
    },
    answer(key, value) {
      for (const { resolve } of take(key)) resolve(value)
    },
    refuse,
    fail(reason) {
      for (const key of [...waiting.keys()]) refuse(key, reason)
    },
  }
}
