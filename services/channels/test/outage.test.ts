import { openDatabase } from '@switchboard/kit/database'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { Refused } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, testWorlds, World } from './support.ts'

const worlds = testWorlds()
const UNAVAILABLE = { type: -1, code: 'UNAVAILABLE', message: expect.any(String) }

/** Status and body with which an upgrade was refused. */
async function refusalOf(connecting: Promise<unknown>): Promise<[number, unknown]> {
  const refused = await connecting.catch((error: unknown) => error)
  if (!(refused instanceof Refused)) throw new Error('it was let in')
  return [refused.status, JSON.parse(refused.body)]
}

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

  test('nobody new comes in (503), nor keeps a nickname', async () => {
    const world = worlds.world()
    await using server = await world.process()
    world.bus.down()
    expect(await refusalOf(server.connect('bob'))).toEqual([503, UNAVAILABLE])
    expect([...world.store.claims.keys()]).toEqual([])
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
    expect(await refusalOf(server.connect('bob'))).toEqual([503, UNAVAILABLE])
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

  test('who cannot be listed is refused with 503, the others notice nothing, and the nickname stays free', async () => {
    await using server = await worlds.world().process()
    await using amy = await server.login('amy')
    const { enter } = server.presence
    server.presence.enter = away
    expect(await refusalOf(server.connect('bob'))).toEqual([503, UNAVAILABLE])
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
    expect(await refusalOf(server.connect('amy'))).toEqual([503, UNAVAILABLE])
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
