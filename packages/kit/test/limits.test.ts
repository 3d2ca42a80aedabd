import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { memoryLimits } from '../src/limits.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const RULE = { points: 2, windowSeconds: 60 }

test('what is over the limit is told how long to wait, and is allowed after that', async () => {
  const counter = memoryLimits({ on: true }).counter('sign-ups', RULE)
  expect([await counter.take('a'), await counter.take('a')]).toEqual([0, 0])
  const wait = await counter.take('a')
  expect(wait).toBe(60)
  expect(await counter.count('a')).toBe(2)
  vi.advanceTimersByTime(wait * 1000)
  expect(await counter.take('a')).toBe(0)
})

test('keys are counted apart, prototype names like any other', async () => {
  const counter = memoryLimits({ on: true }).counter('sign-ups', RULE)
  for (const key of ['a', 'b', '__proto__', 'constructor']) {
    expect([await counter.take(key), await counter.take(key)]).toEqual([0, 0])
    expect(await counter.take(key)).toBeGreaterThan(0)
  }
})

test('looking does not count, and what was taken back is free again', async () => {
  const counter = memoryLimits({ on: true }).counter('sign-ups', RULE)
  expect(await counter.wait('a')).toBe(0)
  await counter.take('a')
  await counter.take('a')
  expect(await counter.count('a')).toBe(2)
  expect(await counter.wait('a')).toBeGreaterThan(0)
  await counter.give('a')
  expect(await counter.wait('a')).toBe(0)
  expect(await counter.count('a')).toBe(1)
})

test('services that share limits share the counters of one name', async () => {
  const limits = memoryLimits({ on: true })
  await limits.counter('log-ins', RULE).take('a')
  expect(await limits.counter('log-ins', RULE).count('a')).toBe(1)
  expect(await limits.counter('other', RULE).count('a')).toBe(0)
})

test('LIMITS=off allows everything', async () => {
  const limits = memoryLimits({ on: false })
  const counter = limits.counter('sign-ups', RULE)
  for (let i = 0; i < 10; i++) expect(await counter.take('a')).toBe(0)
  expect(limits.on).toBe(false)
})
