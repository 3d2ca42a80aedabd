import { redisConnector } from '@switchboard/kit/redis'
import { eventually } from '@switchboard/testing/eventually'
import { liveRedisCluster } from '@switchboard/testing/redis-cluster'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, it } from 'vitest'
import { openBus } from '../src/bus.ts'
import { awayAndBack } from './changed.ts'

describe.skipIf(!findServer('redis-server'))('a Redis Cluster that loses a master', () => {
  it('goes on with its replica: every subscription is renewed, and nobody counts as dead', async () => {
    await using cluster = await liveRedisCluster({ nodeTimeoutMs: 1000 })
    const connect = redisConnector(cluster.url)
    await using here = await openBus(connect)
    await using there = await openBus(connect)
    // Of each third of the slots one at least.
    const topics = Array.from({ length: 12 }, (_, i) => `topic ${i}`)
    const places = topics.map((topic) => `person:${topic}`)
    const heard = new Set<string>()
    for (const topic of topics) await there.broker.subscribe(topic, ({ topic: from }) => void heard.add(from))
    const gone: string[] = []
    for (const { presence } of [here, there]) presence.onExpired('', ({ place }) => void gone.push(place))
    for (const place of places)
      await here.presence.enter(place, { connection: 'h.1', person: 'ann', since: 1 })

    const back = awayAndBack(here.broker, there.broker)
    await cluster.masters[0]?.kill()
    await back
    await eventually(() => {
      for (const topic of topics) here.broker.publish({ topic, payload: Buffer.from('x') })
      return heard.size === topics.length
    })
    for (const place of places)
      await eventually(async () => (await there.presence.list(place).catch(() => [])).length === 1)
    expect(gone).toEqual([])
    // Redis' own election takes some seconds, and as long again where a busy machine votes too late.
  }, 90_000)
})
