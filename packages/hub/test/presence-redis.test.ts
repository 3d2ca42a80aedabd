import { redisConnector } from '@switchboard/kit/redis'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { openRedisPresences } from './redis-presences.ts'
import { presenceSuite } from './suites/presence-suite.ts'

describe.skipIf(!findServer('redis-server'))('on a real Redis', () => {
  let redis: LiveRedis
  beforeAll(async () => {
    redis = await liveRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  presenceSuite('Redis', () => openRedisPresences(redisConnector(redis.url)))
})
