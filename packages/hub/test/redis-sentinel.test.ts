import { redisConnector } from '@switchboard/kit/redis'
import { eventually } from '@switchboard/testing/eventually'
import { liveSentinel } from '@switchboard/testing/redis-sentinel'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, it } from 'vitest'
import { openBus } from '../src/bus.ts'
import { awayAndBack } from './changed.ts'

describe.skipIf(!findServer('redis-server'))('behind Sentinel', () => {
  it('the bus follows the master: subscriptions and who is where are there again, and nobody counts as dead', async () => {
    await using redis = await liveSentinel()
    const connect = redisConnector(redis.url)
    await using here = await openBus(connect)
    await using there = await openBus(connect)
    const heard: string[] = []
    await there.broker.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    const gone: unknown[] = []
    for (const { presence } of [here, there]) presence.onExpired('', (one) => void gone.push(one))
    await here.presence.enter('p', { connection: 'h.1', person: 'ann', since: 1 })
    await here.presence.claim('k', 'h.1')

    const back = awayAndBack(here.broker, there.broker)
    await redis.master.kill()
    await back
    here.broker.publish({ topic: 't', payload: Buffer.from('after') })
    await eventually(() => heard.includes('after'))
    await eventually(async () => (await there.presence.list('p').catch(() => [])).length === 1)
    await eventually(async () => (await there.presence.holder('k').catch(() => '')) === 'h.1')
    expect(gone).toEqual([])
  })
})
