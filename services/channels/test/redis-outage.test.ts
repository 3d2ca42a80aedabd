import { setTimeout as sleep } from 'node:timers/promises'
import type { Presence } from '@switchboard/hub/presence'
import { accountPlace } from '@switchboard/protocol/between'
import { lineTo } from '@switchboard/testing/line'
import { liveRedis } from '@switchboard/testing/redis'
import { REDIS_OUTAGES } from '@switchboard/testing/redis-outages'
import { findServer } from '@switchboard/testing/servers'
import type { Client } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, type Process, settled, testWorlds } from './support.ts'

const worlds = testWorlds()

const OUTAGE_MS = 5000
/** Until all is as before: processes look for Redis once a second at least; busy machines take longer. */
const BACK = { timeout: 20_000, interval: 50 }

const isReady = async ({ url }: Process) => (await fetch(`${url}/readyz`)).ok

/** Two processes; amy, bob and Known in one, joe and eve in the other, all in one channel. */
async function scene(args: string[] = []) {
  const stack = new AsyncDisposableStack()
  const redis = stack.use(await liveRedis({ args }))
  const world = worlds.world({ redis: redis.url })
  const a = stack.use(await world.process())
  const b = stack.use(await world.process())
  const known = `Known${redis.port}`
  await worlds.account(known)
  const token = await worlds.token(a, known)
  const clients: Client[] = []
  for (const [nick, server] of [
    ['amy', a],
    ['bob', a],
    ['joe', b],
    ['eve', b],
    [known, a],
  ] as const) {
    const client = stack.use(await server.login(nick, nick === known ? token : undefined))
    if (nick === known) {
      client.send({ type: 1, password: 'correct horse' })
      await client.until((text) => text.includes('"type":1'))
    }
    await join(client, '#a')
    clients.push(client)
  }
  const [amy, bob, joe, eve, owner] = clients
  if (!amy || !bob || !joe || !eve || !owner) throw new Error('somebody is missing')
  await settled(clients, [amy, joe], '#a')
  const key = known.toLowerCase()
  return {
    redis,
    a,
    b,
    amy,
    bob,
    joe,
    eve,
    owner,
    known,
    key,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function isRefused(connecting: Promise<Client>): Promise<void> {
  const start = performance.now()
  await expect(connecting).rejects.toMatchObject({ status: 503 })
  expect(performance.now() - start).toBeLessThan(4000)
}

const listed = async (client: Client, channel?: string): Promise<string[]> => {
  client.send({ type: 6, channel })
  const [list = ''] = (await client.until((text) => /"type":6|UNAVAILABLE/.test(text))).slice(-1)
  return JSON.parse(list).users ?? [list]
}

async function next(client: Client, count: number): Promise<Set<unknown>> {
  const seen = new Set<unknown>()
  while (seen.size < count) seen.add(await client.nextJson())
  return seen
}

const placesOf = async (presence: Presence, key: string): Promise<unknown[]> =>
  (await presence.list(accountPlace(key))).map(({ info }) => info)

describe.skipIf(!findServer('redis-server'))('where Redis', () => {
  test.concurrent.for(REDIS_OUTAGES)(
    '%s, those who are in stay and keep their nicknames, and afterwards presence is whole',
    { timeout: 90_000 },
    async ([, outage], { expect }) => {
      await using at = await scene(outage.args)
      const { redis, a, b, amy, bob, joe, eve, owner, known, key } = at
      const over = sleep(OUTAGE_MS)
      await outage.begin(redis)

      bob.send({ type: 0, dest: '#a', message: 'still here' })
      for (const client of [amy, bob, owner])
        expect(await client.nextJson()).toMatchObject({ type: 0, message: 'still here' })
      eve.ws.close()
      bob.send({ type: 3 })
      joe.send({ type: 5, channel: '#a' })
      await Promise.all(
        ['new', 'bob', 'amy'].flatMap((nick) => [a, b].map((one) => isRefused(one.connect(nick)))),
      )
      await expect.poll(() => Promise.all([a, b].map(isReady))).toEqual([false, false])
      amy.send({ type: 4, channel: '#another' })
      expect(await amy.nextJson()).toMatchObject({ type: -1, code: 'UNAVAILABLE' })
      expect(await bob.closed).toMatchObject({ code: 1000 })
      expect(await joe.nextJson()).toEqual({ type: 5, channel: 'a', user: 'joe' })
      await over
      await outage.end(redis)

      await expect.poll(() => Promise.all([a, b].map(isReady)), BACK).toEqual([true, true])
      const gone = ['bob', 'eve'].map((user) => ({ type: 3, user }))
      expect(await next(joe, 2)).toEqual(new Set(gone))
      for (const client of [amy, owner])
        expect(await next(client, 3)).toEqual(new Set([...gone, { type: 5, channel: 'a', user: 'joe' }]))
      for (const client of [amy, joe]) {
        await expect.poll(() => listed(client), BACK).toEqual(['amy', 'joe', known])
        expect(await listed(client, 'a')).toEqual(['amy', known])
      }
      await join(joe, '#a')
      for (const client of [amy, owner])
        expect(await client.nextJson()).toEqual({ type: 4, channel: 'a', user: 'joe' })
      const places = [{ name: 'a', since: expect.any(Number) }]
      await expect.poll(() => placesOf(b.presence, key), BACK).toEqual([{ service: 'channels', places }])

      for (const [nick, one] of [
        ['AMY', b],
        ['Joe', a],
        ['joe', b],
      ] as const) {
        await using other = await one.connect(nick)
        expect(await other.nextJson()).toMatchObject({ type: -1, code: 'NICK_IN_USE' })
      }
      await using again = await b.login('bob')
      await join(again, '#a')
      again.send({ type: 0, dest: '#a', message: 'back' })
      for (const client of [amy, joe, owner]) {
        expect(await client.nextJson()).toEqual({ type: 2, user: 'bob' })
        expect(await client.nextJson()).toEqual({ type: 4, channel: 'a', user: 'bob' })
        expect(await client.nextJson()).toMatchObject({ type: 0, message: 'back' })
        expect(await heard(client)).toEqual([])
      }
    },
  )

  test.concurrent('cannot be reached by one process for long, its nicknames are free for others, and it lets go of those that were taken', async ({
    expect,
  }) => {
    await using redis = await liveRedis()
    await using line = await lineTo(redis.port)
    await using lost = await worlds.world({ redis: `redis://127.0.0.1:${line.port}` }).process()
    await using other = await worlds.world({ redis: redis.url }).process()
    await using joe = await other.login('joe')
    await using amy = await lost.login('amy')
    await using bob = await lost.login('bob')
    expect(await next(joe, 2)).toHaveProperty('size', 2)

    line.cut()
    const cutAt = performance.now()
    const gone = [await joe.next(25_000), await joe.next(25_000)].toSorted()
    expect(gone).toEqual(['{"type":3,"user":"amy"}', '{"type":3,"user":"bob"}'])
    expect(performance.now() - cutAt).toBeLessThan(15_000)
    await using newer = await other.login('Amy')
    expect(await joe.nextJson()).toEqual({ type: 2, user: 'Amy' })
    amy.send({ type: 2, user: 'amy' })
    bob.send({ type: 0, dest: '#a', message: 'still here' })

    line.mend()
    await amy.until((text) => text.includes('NICK_IN_USE'))
    expect(await amy.closed).toEqual({ code: 1008, reason: 'NICK_IN_USE' })
    await expect.poll(() => listed(bob), BACK).toEqual(['joe', 'bob', 'Amy'])
    expect(await heard(newer)).toEqual([])
    expect(await heard(joe)).toEqual([])
    await using third = await other.connect('BOB')
    expect(await third.nextJson()).toMatchObject({ code: 'NICK_IN_USE' })
  }, 90_000)

  test.concurrent('cannot be reached by one process for a moment, a nickname that its account took meanwhile is let go of', {
    timeout: 90_000,
  }, async ({ expect }) => {
    await using redis = await liveRedis()
    await using line = await lineTo(redis.port)
    await using lost = await worlds.world({ redis: `redis://127.0.0.1:${line.port}` }).process()
    await using other = await worlds.world({ redis: redis.url }).process()
    await worlds.account('Taken')
    const token = await worlds.token(other, 'Taken')
    await using older = await lost.login('Taken', token)
    older.send({ type: 1, password: 'correct horse' })
    expect(await older.nextJson()).toEqual({ type: 1, user: 'Taken' })
    await using bystander = await lost.login('bystander')

    line.cut()
    await expect.poll(() => isReady(lost)).toBe(false)
    await using newer = await other.login('Taken', token)
    line.mend()
    await older.until((text) => text.includes('NICK_IN_USE'))
    expect(await older.closed).toEqual({ code: 1008, reason: 'NICK_IN_USE' })
    await expect.poll(() => listed(bystander), BACK).toEqual(['bystander', 'Taken'])
    expect(await heard(newer)).toEqual([])
  })
})
