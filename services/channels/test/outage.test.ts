import { openDatabase } from '@switchboard/kit/database'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { connect, Refused } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, testWorlds, World } from './support.ts'

const worlds = testWorlds()
const UNAVAILABLE = { type: -1, code: 'UNAVAILABLE', message: expect.any(String) }

describe('while the bus is away', () => {
  test('those who are in go on, a new channel is not to be had, and later it is', async () => {
    const world = worlds.world()
    await using server = await world.process()
    await using bob = await server.login('bob')
    await using amy = await server.login('amy')
    await join(bob, '#a')
    await join(amy, '#a')
    await heard(bob)
    world.bus.down()
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    bob.send({ type: 0, dest: '#a', message: 'still here' })
    expect(await heard(amy)).toEqual([{ type: 0, dest: '#a', message: 'still here', user: 'bob' }])
    amy.send({ type: 4, channel: '#b' })
    amy.send({ type: 6, channel: '#b' })
    expect(await heard(amy)).toEqual([UNAVAILABLE, { type: 6, users: [], channel: 'b' }])
    world.bus.up()
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    amy.send({ type: 4, channel: '#b' })
    expect(await heard(amy)).toEqual([{ type: 4, channel: 'b', user: 'amy' }])
  })

  test('who cannot be announced is told to try later, and keeps no nickname', async () => {
    const world = worlds.world()
    await using server = await world.process()
    world.bus.down()
    await using bob = await server.connect('bob')
    expect(await bob.nextJson()).toEqual(UNAVAILABLE)
    expect(await bob.closed).toMatchObject({ code: 1013 })
    world.bus.up()
    await using again = await server.login('bob')
    expect(await heard(again)).toEqual([])
  })
})

describe('while presence is away', () => {
  const away = async () => {
    throw new Error('away')
  }

  test('an upgrade is refused with 503, and the nickname stays free', async () => {
    await using server = await worlds.world().process()
    const { claim } = server.presence
    server.presence.claim = away
    const refused = await server.connect('bob').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ status: 503 })
    server.presence.claim = claim
    await using bob = await server.login('bob')
    expect(await heard(bob)).toEqual([])
  })

  test('a log-out closes the socket all the same', async () => {
    await using server = await worlds.world().process()
    await using bob = await server.login('bob')
    server.presence.leave = away
    bob.send({ type: 3 })
    expect(await bob.closed).toMatchObject({ code: 1000 })
  })

  test('who cannot be listed is told to try later, the others notice nothing, and the nickname stays free', async () => {
    await using server = await worlds.world().process()
    await using amy = await server.login('amy')
    const { enter } = server.presence
    server.presence.enter = away
    await using refused = await server.connect('bob')
    expect(await refused.nextJson()).toEqual(UNAVAILABLE)
    expect(await refused.closed).toMatchObject({ code: 1013 })
    amy.send({ type: 4, channel: '#a' })
    expect(await heard(amy)).toEqual([UNAVAILABLE])
    server.presence.enter = enter
    await using bob = await server.login('bob')
    expect(await heard(bob)).toEqual([])
    expect(await heard(amy)).toEqual([{ type: 2, user: 'bob' }])
  })
})

describe.skipIf(!findServer('postgres'))('while PostgreSQL is away', () => {
  test('nobody new comes in (503), those who are in go on, and later all is as before', async () => {
    await using postgres = await livePostgres()
    await using database = await openDatabase({ url: await postgres.createDatabase(), directory: '' })
    const world = new World(database, {})
    await using server = await world.process()
    await using bob = await server.login('bob')
    await join(bob, '#a')

    await postgres.stop()
    const refused = await connect(`${server.wsUrl}/chat/login/amy`).catch(
      (error: unknown) => error as Refused,
    )
    if (!('status' in refused)) throw new Error('let in')
    expect(refused.status).toBe(503)
    expect(JSON.parse(refused.body)).toEqual(UNAVAILABLE)
    bob.send({ type: 0, dest: '#a', message: 'still here' })
    expect(await bob.nextJson()).toMatchObject({ message: 'still here' })
    bob.send({ type: 1, password: 'correct horse' })
    expect(await bob.nextJson()).toEqual(UNAVAILABLE)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)

    await postgres.start()
    await using amy = await server.login('amy')
    expect(await heard(amy)).toEqual([])
    expect(await bob.nextJson()).toEqual({ type: 2, user: 'amy' })
    bob.send({ type: 1, password: 'correct horse' })
    expect(await bob.nextJson()).toEqual({ type: 1, user: 'bob' })
    await using other = await server.connect('BOB')
    expect(await other.nextJson()).toMatchObject({ code: 'NICK_RESERVED' })
  }, 60_000)
})
