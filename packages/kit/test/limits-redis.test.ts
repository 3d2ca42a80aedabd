import { setTimeout as delay } from 'node:timers/promises'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { toHttpError } from '../src/errors.ts'
import type { OpenLimits } from '../src/limits.ts'
import { openLimits } from '../src/open-limits.ts'
import { redisConnector } from '../src/redis.ts'
import { limitsSuite } from './suites/limits-suite.ts'

describe.skipIf(!findServer('redis-server'))('on a real Redis', () => {
  let redis: LiveRedis
  const opened: OpenLimits[] = []
  beforeAll(async () => {
    redis = await liveRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
  })

  /** Limits of a process that has reached Redis. */
  async function process(): Promise<OpenLimits> {
    const limits = openLimits({ on: true, connect: redisConnector(redis.url) })
    opened.push(limits)
    const probe = limits.counter('probe', { points: 1, windowSeconds: 1 })
    while ((await probe.count('x').catch(() => undefined)) === undefined) await delay(5)
    return limits
  }

  limitsSuite('Redis', async () => {
    await redis.kill()
    await redis.start()
    const [limits, other] = [await process(), await process()]
    return { limits, other, elapse: (seconds) => delay(seconds * 1000 + 20) }
  })

  test('while Redis is away or hangs nothing is let through: 503, within 2 s and a bit', async () => {
    const limits = await process()
    const counter = limits.counter('log-ins', { points: 2, windowSeconds: 60 })
    const refused = () =>
      Promise.allSettled([counter.take('a'), counter.wait('a'), counter.count('a'), counter.give('a')])
    redis.pause()
    const hanging = await refused()
    redis.resume()
    await redis.kill()
    const away = await refused()
    await redis.start()
    for (const answer of [...hanging, ...away])
      expect(answer.status === 'rejected' && toHttpError(answer.reason).status).toBe(503)
    while ((await counter.take('b').catch(() => -1)) !== 0) await delay(5)
  })

  test('off, it needs no Redis', async () => {
    const limits = openLimits({ on: false, connect: () => expect.unreachable() })
    opened.push(limits)
    expect(await limits.counter('x', { points: 0, windowSeconds: 1 }).take('a')).toBe(0)
  })
})
