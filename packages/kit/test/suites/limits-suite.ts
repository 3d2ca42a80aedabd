import { describe, expect, test } from 'vitest'
import type { Limits } from '../../src/limits.ts'

export interface LimitsWorld {
  limits: Limits
  /** As another process counts. */
  other: Limits
  /** So many seconds pass. */
  elapse(seconds: number): Promise<void> | void
}

const RULE = { points: 2, windowSeconds: 1 }

/** What every kind of {@link Limits} does, wherever it counts. */
export function limitsSuite(name: string, open: () => Promise<LimitsWorld> | LimitsWorld): void {
  describe(`limits (${name})`, () => {
    test('what is over the limit is told how long to wait, is not counted, and is allowed after that', async () => {
      const { limits, elapse } = await open()
      const counter = limits.counter('sign-ups', RULE)
      expect([await counter.take('a'), await counter.take('a')]).toEqual([0, 0])
      const wait = await counter.take('a')
      expect(wait).toBe(1)
      expect(await counter.count('a')).toBe(2)
      await elapse(wait)
      expect(await counter.count('a')).toBe(0)
      expect(await counter.take('a')).toBe(0)
    })

    test('keys are counted apart, prototype names like any other', async () => {
      const { limits } = await open()
      const counter = limits.counter('sign-ups', { ...RULE, windowSeconds: 60 })
      for (const key of ['a', 'b', '__proto__', 'constructor', 'ü {a} *']) {
        expect([await counter.take(key), await counter.take(key)]).toEqual([0, 0])
        expect(await counter.take(key)).toBeGreaterThan(0)
      }
    })

    test('looking does not count, and what was taken back is free again', async () => {
      const { limits } = await open()
      const counter = limits.counter('sign-ups', { ...RULE, windowSeconds: 60 })
      expect(await counter.wait('a')).toBe(0)
      await counter.take('a')
      await counter.take('a')
      expect(await counter.count('a')).toBe(2)
      expect(await counter.wait('a')).toBe(60)
      await counter.give('a')
      expect(await counter.wait('a')).toBe(0)
      expect(await counter.count('a')).toBe(1)
      expect([await counter.take('a'), await counter.take('a')]).toEqual([0, 60])
    })

    test('whoever counts under one name counts together, and another name is counted apart', async () => {
      const { limits, other } = await open()
      const rule = { ...RULE, windowSeconds: 60 }
      await limits.counter('log-ins', rule).take('a')
      expect(await other.counter('log-ins', rule).count('a')).toBe(1)
      expect(await other.counter('other', rule).count('a')).toBe(0)
    })

    test('many at once are allowed as often as the limit says', async () => {
      const { limits, other } = await open()
      const counters = [limits, other].map((one) => one.counter('log-ins', { points: 10, windowSeconds: 60 }))
      const waits = await Promise.all(
        Array.from({ length: 20 }, () => counters.map((counter) => counter.take('a'))).flat(),
      )
      expect(waits.filter((wait) => wait === 0)).toHaveLength(10)
      expect(await counters[0]?.count('a')).toBe(10)
    })
  })
}
