import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { secondsUntil } from './limits-seconds.ts'

/** So many, in a window that starts with the first. */
export interface Rule {
  points: number
  windowSeconds: number
}

/** Counts events by key. Times are whole seconds, rounded up. */
export interface Counter {
  /** Counts one; 0 where that is allowed, else the seconds until it would be. What is not allowed is not counted. */
  take(key: string): Promise<number>
  /** The answer that {@link take} would give, without counting. */
  wait(key: string): Promise<number>
  /** How many were counted in the window. */
  count(key: string): Promise<number>
  /** Takes one back. */
  give(key: string): Promise<void>
}

/** The counters of a process or, where they live in a shared store, of all of them. */
export interface Limits {
  /** `false`: nothing is counted and everything allowed. */
  readonly on: boolean
  /** Calls with one name answer one counter, whoever calls. */
  counter(name: string, rule: Rule): Counter
}

const UNLIMITED: Counter = {
  take: async () => 0,
  wait: async () => 0,
  count: async () => 0,
  give: async () => {},
}

function counterOf(rule: Rule): Counter {
  const limiter = new RateLimiterMemory({ points: rule.points, duration: rule.windowSeconds })
  return {
    async take(key) {
      try {
        await limiter.consume(key)
        return 0
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        await limiter.reward(key)
        return secondsUntil(refusal)
      }
    },
    async wait(key) {
      const result = await limiter.get(key)
      return result !== null && result.consumedPoints >= rule.points ? secondsUntil(result) : 0
    },
    count: async (key) => (await limiter.get(key))?.consumedPoints ?? 0,
    give: async (key) => void (await limiter.reward(key)),
  }
}

/** Counters in this process' memory. */
export function memoryLimits({ on }: { on: boolean }): Limits {
  const counters = new Map<string, Counter>()
  return {
    on,
    counter(name, rule) {
      if (!on) return UNLIMITED
      const known = counters.get(name) ?? counterOf(rule)
      counters.set(name, known)
      return known
    },
  }
}

export interface OpenLimits extends Limits, AsyncDisposable {}
