import { fileURLToPath } from 'node:url'
import { redisConnector } from '@switchboard/kit/redis'
import { eventually } from '@switchboard/testing/eventually'
import { start } from '@switchboard/testing/process'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, it } from 'vitest'
import { openBus } from '../src/bus.ts'
import type { Gone } from '../src/presence.ts'

const HOLDER = fileURLToPath(new URL('programs/holder.ts', import.meta.url))

/** With the real lease: 10 s, looked at each second, and 2 s more for places that nobody answers for. */
const BOUND_MS = 15_000

describe.skipIf(!findServer('redis-server'))('a process that is killed', () => {
  it('is gone for all within 15 s, is told of once, and leaves nothing behind', async () => {
    await using redis = await liveRedis()
    const connect = redisConnector(redis.url)
    await using one = await openBus(connect)
    await using other = await openBus(connect)
    const told: Gone[] = []
    for (const { presence } of [one, other]) presence.onExpired('ide:', (gone) => void told.push(gone))
    let changes = 0
    await using holder = await start(HOLDER, { REDIS_URL: redis.url })
    await one.presence.watch('person:ann', () => void changes++)
    await holder.stop('SIGKILL')
    const killedAt = performance.now()
    expect(await one.presence.list('person:ann')).toHaveLength(1)
    await eventually(() => told.length > 0)
    await eventually(async () => (await one.presence.holder('nick')) === undefined)
    await eventually(async () => (await one.presence.list('person:ann')).length === 0)
    expect(performance.now() - killedAt).toBeLessThan(BOUND_MS)
    expect(told).toMatchObject([{ place: 'ide:space', entry: { person: 'ann' }, last: true }])
    await eventually(() => changes > 0)
  })
})
