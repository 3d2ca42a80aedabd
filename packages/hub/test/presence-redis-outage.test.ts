import { redisConnector } from '@switchboard/kit/redis'
import { eventually } from '@switchboard/testing/eventually'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBus } from '../src/bus.ts'
import type { Gone, Presence } from '../src/presence.ts'
import { openRedisPresences } from './redis-presences.ts'
import type { PresenceWorld } from './suites/presence-suite.ts'

const entry = (connection: string, person = 'ann') => ({ connection, person, since: 1 })

describe.skipIf(!findServer('redis-server'))('presence on Redis', () => {
  let redis: LiveRedis
  let world: PresenceWorld
  let a: Presence
  let b: Presence
  let told: Gone[]
  beforeEach(async () => {
    redis = await liveRedis()
    world = await openRedisPresences(redisConnector(redis.url))
    ;[a, b] = [await world.presence('a'), await world.presence('b')]
    told = []
    for (const presence of [a, b]) presence.onExpired('', (gone) => void told.push(gone))
  })
  afterEach(async () => {
    await world.close?.()
    await redis[Symbol.asyncDispose]()
  })

  const back = async (...all: Presence[]) => {
    for (const presence of all)
      await eventually(() =>
        presence.ping().then(
          () => true,
          () => false,
        ),
      )
  }
  const away = (presence: Presence) =>
    eventually(() =>
      presence.ping().then(
        () => false,
        () => true,
      ),
    )
  const listed = async (place: string) =>
    (await b.list(place).catch(() => [])).map(({ connection }) => connection)

  it('enters and claims again what a Redis has lost, and nobody is told that anyone went', async () => {
    await a.enter('p', entry('a.1'))
    await a.claim('k', 'a.1')
    await redis.kill()
    await away(a)
    await expect(a.list('p')).rejects.toMatchObject({ statusCode: 503 })
    await redis.start()
    await back(a, b)
    await eventually(async () => (await listed('p')).join() === 'a.1')
    expect(await b.claim('k', 'b.1')).toEqual({ ok: false, holder: 'a.1' })
    expect(told).toEqual([])
  })

  it('tells watchers to look again after an outage', async () => {
    let calls = 0
    await b.watch('person:x', () => void calls++)
    await a.enter('person:x', entry('a.1'))
    await eventually(() => calls === 1)
    await redis.kill()
    await away(a)
    await expect(a.leave('person:x', 'a.1')).rejects.toThrow()
    await redis.start()
    await eventually(() => calls > 1)
    await eventually(async () => (await listed('person:x')).length === 0)
  })

  it('counts nobody as dead for an outage that is longer than the lease', async () => {
    for (const presence of [a, b]) await presence.enter('p', entry(presence === a ? 'a.1' : 'b.1'))
    redis.pause()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    redis.resume()
    await back(a, b)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await listed('p')).toEqual(['a.1', 'b.1'])
    expect(told).toEqual([])
  })

  it('takes out what left in an outage once Redis is back, and tells of it once', async () => {
    await a.enter('p', entry('a.1'))
    await a.enter('p', entry('a.2'))
    await a.claim('k', 'a.1')
    redis.pause()
    const leaving = Promise.allSettled([a.leave('p', 'a.1'), a.release('k', 'a.1')])
    expect((await leaving).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    redis.resume()
    await eventually(() => told.length > 0)
    expect(told).toEqual([{ place: 'p', entry: entry('a.1'), last: false }])
    await eventually(async () => (await listed('p')).join() === 'a.2')
    await eventually(async () => (await b.holder('k')) === undefined)
    expect(a.size).toBe(1)
  })

  it('does not bring back what left while Redis lost its data', async () => {
    await a.enter('p', entry('a.1'))
    await a.enter('p', entry('a.2', 'bob'))
    await redis.kill()
    await away(a)
    await expect(a.leave('p', 'a.1')).rejects.toMatchObject({ statusCode: 503 })
    await redis.start()
    await eventually(async () => (await listed('p')).join() === 'a.2')
    await eventually(() => told.length > 0)
    expect(told).toEqual([{ place: 'p', entry: entry('a.1'), last: true }])
  })

  it('leaves nothing of what could not be entered or claimed', async () => {
    redis.pause()
    const trying = await Promise.allSettled([
      a.enter('p', entry('a.1')),
      a.claim('k', 'a.1'),
      a.take('l', 'a.1'),
    ])
    expect(trying.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    redis.resume()
    await back(a, b)
    await eventually(async () => (await listed('p')).length === 0)
    for (const key of ['k', 'l']) await eventually(async () => (await b.holder(key)) === undefined)
    expect(a.size).toBe(0)
    expect(told).toEqual([])
  })

  it('shows of who was there what it said last, also what it said in an outage', async () => {
    await a.enter('p', { ...entry('a.1'), info: 'before' })
    redis.pause()
    await expect(a.enter('p', { ...entry('a.1'), info: 'meanwhile' })).rejects.toThrow()
    redis.resume()
    await back(a, b)
    await eventually(async () => (await b.list('p').catch(() => []))[0]?.info === 'meanwhile')
  })

  it('closes while Redis hangs', async () => {
    await a.enter('p', entry('a.1'))
    redis.pause()
    await a.close()
    redis.resume()
  })

  it('with the real lease, 5 s of a hanging Redis cost nobody anything', async () => {
    const connect = redisConnector(redis.url)
    await using here = await openBus(connect)
    await using there = await openBus(connect)
    const gone: Gone[] = []
    for (const { presence } of [here, there]) presence.onExpired('', (one) => void gone.push(one))
    await here.presence.enter('q', entry('h.1'))
    await here.presence.claim('m', 'h.1')
    redis.pause()
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    redis.resume()
    await back(here.presence, there.presence)
    expect(await there.presence.list('q')).toHaveLength(1)
    expect(await there.presence.holder('m')).toBe('h.1')
    expect(gone).toEqual([])
  })
})
