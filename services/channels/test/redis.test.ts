import { accountPlace, channelTopic } from '@switchboard/protocol/between'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import type { Client } from '@switchboard/testing/socket'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { heard, join, type Process, settled, testWorlds } from './support.ts'

const worlds = testWorlds()
const PASSWORD = 'correct horse'

describe.skipIf(!findServer('redis-server'))('two processes on Redis', () => {
  let redis: LiveRedis
  let a: Process
  let b: Process
  let round = 0
  let nick: (name: string) => string
  beforeAll(async () => {
    redis = await liveRedis()
    const world = worlds.world({ redis: redis.url })
    a = await world.process()
    b = await world.process()
  })
  afterAll(async () => {
    await a?.[Symbol.asyncDispose]()
    await b?.[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    const suffix = ++round
    nick = (name) => `${name}_${suffix}`
  })

  test('carry log-ins, joins, messages, leaves and log-outs', async () => {
    await using bob = await a.login(nick('bob'))
    await using amy = await b.login(nick('amy'))
    expect(await bob.nextJson()).toEqual({ type: 2, user: nick('amy') })
    await join(bob, '#a')
    amy.send({ type: 4, channel: '#a' })
    for (const client of [bob, amy])
      expect(await client.nextJson()).toEqual({ type: 4, channel: 'a', user: nick('amy') })
    amy.send({ type: 6, channel: '#a' })
    expect(await amy.nextJson()).toEqual({ type: 6, users: [nick('bob'), nick('amy')], channel: 'a' })
    for (let n = 0; n < 100; n++) amy.send({ type: 0, dest: '##a', message: `${n} é` })
    for (let n = 0; n < 100; n++)
      for (const client of [bob, amy])
        expect(await client.nextJson()).toEqual({
          type: 0,
          dest: '##a',
          message: `${n} é`,
          user: nick('amy'),
        })
    amy.send({ type: 5, channel: 'a' })
    expect(await bob.nextJson()).toEqual({ type: 5, channel: 'a', user: nick('amy') })
    amy.send({ type: 3 })
    expect(await bob.nextJson()).toEqual({ type: 3, user: nick('amy') })
    expect(await heard(bob)).toEqual([])
  })

  test('give a nickname to one of many who come for it at once, in whatever case', async () => {
    const spellings = ['Ζωή', 'ΖΩΉ', 'ζωή']
    for (let n = 0; n < 5; n++) {
      const clients = await Promise.all(
        Array.from({ length: 24 }, (_, i) => (i % 2 ? a : b).connect(nick(spellings[i % 3] ?? ''))),
      )
      const firsts = await Promise.all(clients.map((client) => client.nextJson<{ type: number }>()))
      expect(firsts.filter(({ type }) => type === 2)).toHaveLength(1)
      expect(firsts.filter(({ type }) => type === -1)).toHaveLength(23)
      const winner = clients[firsts.findIndex(({ type }) => type === 2)]
      for (const client of clients) if (client !== winner) await client.closed
      winner?.send({ type: 3 })
      expect(await winner?.closed).toMatchObject({ code: 1000 })
    }
  })

  test('let whoever has the answer to the upgrade miss nothing that the other tells everyone', async () => {
    // Nobody is in the other one, so that it hears everyone's topic for this newcomer alone.
    for (let n = 0; n < 30; n++) {
      await using bob = await b.connect(nick(`bob${n}`))
      await using _amy = await a.connect(nick(`amy${n}`))
      await bob.until((text) => text === JSON.stringify({ type: 2, user: nick(`amy${n}`) }))
    }
  })

  test('have a newcomer in the list before the answer to the upgrade', async () => {
    await using amy = await a.login(nick('amy'))
    for (let n = 0; n < 20; n++) {
      await using _bob = await b.connect(nick(`bob${n}`))
      amy.send({ type: 6 })
      const [list = ''] = (await amy.until((text) => text.includes('"type":6'))).slice(-1)
      expect(JSON.parse(list).users).toContain(nick(`bob${n}`))
    }
  })

  test('let the account of a reserved nickname take it from a connection of the other', async () => {
    const name = nick('Registered')
    await using amy = await b.login(nick('amy'))
    const older = await a.login(name)
    older.send({ type: 1, password: PASSWORD })
    expect(await older.nextJson()).toEqual({ type: 1, user: name })
    const token = await worlds.token(b, name)
    expect(await amy.nextJson()).toEqual({ type: 2, user: name })
    let holder = older
    for (const [n, server] of [b, a, b, b, a].entries()) {
      const newer = await server.connect(n % 2 ? name : name.toLowerCase(), [token])
      expect(await holder.nextJson()).toMatchObject({ type: -1, code: 'NICK_IN_USE' })
      expect(await holder.closed).toMatchObject({ code: 1008 })
      expect(await newer.nextJson()).toMatchObject({ type: 2 })
      expect(await newer.nextJson()).toMatchObject({ type: 6 })
      expect(await amy.nextJson()).toMatchObject({ type: 3 })
      expect(await amy.nextJson()).toMatchObject({ type: 2 })
      holder = newer
    }
    await expect.poll(() => a.presence.list(accountPlace(name.toLowerCase()))).toHaveLength(1)
    holder.send({ type: 3 })
    await holder.closed
    expect(await amy.nextJson()).toMatchObject({ type: 3 })
    expect(await heard(amy)).toEqual([])
    expect(await a.presence.list(accountPlace(name.toLowerCase()))).toEqual([])
  })

  test('leave a nickname with one connection when its account comes to both at once, again and again', async () => {
    const name = nick('Everywhere')
    await worlds.account(name)
    const token = await worlds.token(a, name)
    const first = await a.login(name, token)
    first.send({ type: 1, password: PASSWORD })
    await first.nextJson()
    const clients: Client[] = [first]
    for (let n = 0; n < 5; n++)
      clients.push(...(await Promise.all([a, b, a, b].map((server) => server.connect(name, [token])))))
    const open = () => clients.filter(({ ws }) => ws.readyState === ws.OPEN)
    await expect.poll(() => open().length).toBe(1)
    const [last] = open()
    if (!last) throw new Error('nobody')
    await expect.poll(() => a.presence.list(accountPlace(name.toLowerCase()))).toHaveLength(1)
    last.send({ type: 6 })
    await last.until((text) => /"type":6/.test(text) && JSON.parse(text).users.toString() === name)
    await last[Symbol.asyncDispose]()
  })

  test('report the channels of a reserved nickname to each other within a second', async () => {
    const name = nick('Known')
    await worlds.account(name)
    const token = await worlds.token(a, name)
    await using client = await a.login(name, token)
    client.send({ type: 1, password: PASSWORD })
    expect(await client.nextJson()).toEqual({ type: 1, user: name })
    await join(client, '#here')
    const seen = async () =>
      (await b.presence.list(accountPlace(name.toLowerCase()))).map(({ info }) => info as object)
    const since = expect.any(Number)
    await expect
      .poll(seen, { timeout: 1000, interval: 10 })
      .toEqual([{ service: 'channels', places: [{ name: 'here', since }] }])
    client.ws.close()
    await expect.poll(seen, { timeout: 1000, interval: 10 }).toEqual([])
  })

  test('close what a revoked token opened, within a second', async () => {
    const name = nick('Revoked')
    await worlds.account(name)
    const token = await worlds.token(a, name)
    await using client = await b.login(name, token)
    const who = await a.app.tokens.verify(token)
    if (!who.ok) throw new Error(who.error)
    const start = performance.now()
    await a.app.tokens.revoke(who.value)
    expect(await client.closed).toEqual({ code: 1008, reason: 'TOKEN_REVOKED' })
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test('hand on what another service says in a channel, byte for byte, and no nickname can hold its @', async () => {
    await using bob = await a.login(nick('bob'))
    await using amy = await b.login(nick('amy'))
    await join(bob, '#linked')
    await join(amy, '#linked')
    await settled([bob, amy], [bob, amy], '#linked')
    const frame = '{"type":0,"dest":"linked","message":"hi | \\u00e9","user":"alice@chat"}'
    a.publish(channelTopic('linked'), frame)
    b.publish(channelTopic('linked'), frame)
    for (const client of [bob, amy])
      expect([await client.next(), await client.next()]).toEqual([frame, frame])
    await using posing = await a.connect('alice@chat')
    expect(await posing.nextJson()).toMatchObject({ type: -1, code: 'BAD_NICK' })
    amy.send({ type: 0, dest: '#linked', message: 'hi', user: 'alice@chat' })
    expect(await bob.nextJson()).toMatchObject({ type: 0, user: nick('amy') })
  })

  test('log its people out everywhere when one stops', async () => {
    const world = worlds.world({ redis: redis.url })
    const third = await world.process()
    await using amy = await a.login(nick('amy'))
    const bob = await third.login(nick('bob'))
    await join(bob, '#a')
    expect(await amy.nextJson()).toEqual({ type: 2, user: nick('bob') })
    await third[Symbol.asyncDispose]()
    expect(await bob.closed).toMatchObject({ code: 1012 })
    expect(await amy.nextJson()).toEqual({ type: 3, user: nick('bob') })
    await using again = await b.login(nick('bob'))
    expect(await heard(again)).toEqual([])
    expect(await amy.nextJson()).toEqual({ type: 2, user: nick('bob') })
    expect(await heard(amy)).toEqual([])
  })
})
