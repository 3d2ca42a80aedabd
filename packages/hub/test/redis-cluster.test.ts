import { redisConnector } from '@switchboard/kit/redis'
import { type LiveRedisCluster, liveRedisCluster } from '@switchboard/testing/redis-cluster'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { RedisBroker } from '../src/broker-redis.ts'
import { openRedisPresences } from './redis-presences.ts'
import { brokerSuite } from './suites/broker-suite.ts'
import { presenceSuite } from './suites/presence-suite.ts'

describe.skipIf(!findServer('redis-server'))('on a Redis Cluster', () => {
  let cluster: LiveRedisCluster
  beforeAll(async () => {
    cluster = await liveRedisCluster()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  presenceSuite('Cluster', () => openRedisPresences(redisConnector(cluster.url)))

  const resume = () => {
    for (const node of cluster.masters) node.resume()
  }

  brokerSuite(
    'Cluster',
    () => ({
      async broker() {
        const broker = new RedisBroker({ connect: redisConnector(cluster.url), onError: () => {} })
        await broker.opened
        return broker
      },
      down: () => {
        for (const node of cluster.masters) node.pause()
      },
      up: resume,
      close: resume,
    }),
    { sharded: true },
  )
})
