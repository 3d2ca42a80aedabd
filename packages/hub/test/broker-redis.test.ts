import { redisConnector } from '@switchboard/kit/redis'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { RedisBroker } from '../src/broker-redis.ts'
import { brokerSuite } from './suites/broker-suite.ts'

describe.skipIf(!findServer('redis-server'))('on a real Redis', () => {
  let redis: LiveRedis
  beforeAll(async () => {
    redis = await liveRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  brokerSuite('Redis', () => {
    const connect = redisConnector(redis.url)
    return {
      async broker() {
        const broker = new RedisBroker({ connect, onError: () => {} })
        await broker.opened
        return broker
      },
      down: () => redis.kill(),
      up: () => redis.start(),
      close: () => redis.start(),
    }
  })
})
