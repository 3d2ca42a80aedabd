import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryLimits } from '../src/limits.ts'
import { limitsSuite } from './suites/limits-suite.ts'

describe('in memory', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  limitsSuite('memory', () => {
    const limits = memoryLimits({ on: true })
    return { limits, other: limits, elapse: (seconds) => void vi.advanceTimersByTime(seconds * 1000) }
  })
})

test('LIMITS=off allows everything', async () => {
  const limits = memoryLimits({ on: false })
  const counter = limits.counter('sign-ups', { points: 2, windowSeconds: 60 })
  for (let i = 0; i < 10; i++) expect(await counter.take('a')).toBe(0)
  expect(limits.on).toBe(false)
})
