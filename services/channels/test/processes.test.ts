import { describe, expect, test } from 'vitest'
import { heard, join, type Process, testWorlds, type World } from './support.ts'

const worlds = testWorlds()

const PASSWORD = 'correct horse'

/** Two processes of one installation. */
async function two(): Promise<{ world: World; a: Process; b: Process } & AsyncDisposable> {
  const world = worlds.world()
  const stack = new AsyncDisposableStack()
  const a = stack.use(await world.process())
  const b = stack.use(await world.process())
  return { world, a, b, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('in another process', () => {
  test('a nickname is taken too', async () => {
    await using both = await two()
    await using bob = await both.a.login('bob')
    await using other = await both.b.connect('Bob')
    expect(await other.nextJson()).toMatchObject({ type: -1, code: 'NICK_IN_USE' })
    expect(await other.closed).toMatchObject({ code: 1008 })
    expect(await heard(bob)).toEqual([])
  })

  test('of many who come for a nickname at once, one gets it', async () => {
    await using both = await two()
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? both.a : both.b).connect('bob')),
    )
    const firsts = await Promise.all(clients.map((client) => client.nextJson<{ type: number }>()))
    expect(firsts.filter(({ type }) => type === 2)).toHaveLength(1)
    for (const client of clients) client.ws.terminate()
  })

  test('log-ins, joins, messages, leaves and log-outs are heard', async () => {
    await using both = await two()
    await using bob = await both.a.login('bob')
    await using amy = await both.b.login('amy')
    expect(await bob.nextJson()).toEqual({ type: 2, user: 'amy' })
    await join(bob, '#a')
    amy.send({ type: 4, channel: '#a' })
    expect(await bob.nextJson()).toEqual({ type: 4, channel: 'a', user: 'amy' })
    expect(await amy.nextJson()).toEqual({ type: 4, channel: 'a', user: 'amy' })
    amy.send({ type: 0, dest: '##a', message: 'hi' })
    expect(await bob.nextJson()).toEqual({ type: 0, dest: '##a', message: 'hi', user: 'amy' })
    expect(await amy.nextJson()).toEqual({ type: 0, dest: '##a', message: 'hi', user: 'amy' })
    amy.send({ type: 5, channel: 'a' })
    expect(await bob.nextJson()).toEqual({ type: 5, channel: 'a', user: 'amy' })
    bob.send({ type: 0, dest: 'a', message: 'gone' })
    expect(await bob.nextJson()).toMatchObject({ message: 'gone' })
    amy.send({ type: 3 })
    expect(await bob.nextJson()).toEqual({ type: 3, user: 'amy' })
    expect(await heard(bob)).toEqual([])
  })

  test('everyone is listed, those in a channel too', async () => {
    await using both = await two()
    await using bob = await both.a.login('bob')
    await using amy = await both.b.connect('amy')
    expect(await amy.nextJson()).toEqual({ type: 2, user: 'amy' })
    expect(await amy.nextJson()).toEqual({ type: 6, users: ['bob', 'amy'] })
    await join(bob, '#a')
    amy.send({ type: 6, channel: '#a' })
    expect(await amy.nextJson()).toEqual({ type: 6, users: ['bob'], channel: 'a' })
  })

  test('a message from someone not in the channel is heard, without an echo', async () => {
    await using both = await two()
    await using bob = await both.a.login('bob')
    await using amy = await both.b.login('amy')
    await join(bob, '#a')
    amy.send({ type: 0, dest: '#a', message: 'knock' })
    expect(await bob.until((text) => text.includes('knock'))).toContain(
      '{"type":0,"dest":"#a","message":"knock","user":"amy"}',
    )
    expect(await heard(amy)).toEqual([])
  })

  test('a reservation holds, and its account takes the nickname over', async () => {
    await using both = await two()
    await using amy = await both.b.login('amy')
    await using older = await both.a.login('Registered')
    older.send({ type: 1, password: PASSWORD })
    expect(await older.nextJson()).toEqual({ type: 1, user: 'Registered' })
    await using stranger = await both.b.connect('registered')
    expect(await stranger.nextJson()).toMatchObject({ code: 'NICK_RESERVED' })

    await using newer = await both.b.connect('Registered', [await worlds.token(both.b, 'registered')])
    expect(await older.nextJson()).toMatchObject({ type: -1, code: 'NICK_IN_USE' })
    expect(await older.closed).toMatchObject({ code: 1008 })
    expect(await newer.nextJson()).toEqual({ type: 2, user: 'Registered' })
    expect(await newer.nextJson()).toEqual({ type: 6, users: ['amy', 'Registered'] })
    expect(await amy.nextJson()).toEqual({ type: 2, user: 'Registered' })
    expect(await amy.nextJson()).toEqual({ type: 3, user: 'Registered' })
    expect(await amy.nextJson()).toEqual({ type: 2, user: 'Registered' })
    newer.send({ type: 3 })
    await newer.closed
    expect(await amy.nextJson()).toEqual({ type: 3, user: 'Registered' })
    expect(await heard(amy)).toEqual([])
  })

  test('a token that is revoked closes the connection', async () => {
    await using both = await two()
    await worlds.account('Revoked')
    const token = await worlds.token(both.a, 'Revoked')
    await using client = await both.b.login('Revoked', token)
    const who = await both.a.app.tokens.verify(token)
    if (!who.ok) throw new Error(who.error)
    await both.a.app.tokens.revoke(who.value)
    expect(await client.closed).toEqual({ code: 1008, reason: 'TOKEN_REVOKED' })
  })
})

test('a process that dies frees its nicknames, and its people are logged out, each told once', async () => {
  await using both = await two()
  await using third = await both.world.process()
  await using amy = await both.a.login('amy')
  await using joe = await third.login('joe')
  await using bob = await both.b.login('bob')
  await using _eve = await both.b.login('eve')
  await join(bob, '#a')
  await join(amy, '#a')
  await heard(amy)
  await heard(joe)

  await both.b.kill()
  both.b.expire()
  for (const survivor of [amy, joe]) {
    const users = [await survivor.nextJson<{ user: string }>(), await survivor.nextJson<{ user: string }>()]
    expect(users).toContainEqual({ type: 3, user: 'bob' })
    expect(users).toContainEqual({ type: 3, user: 'eve' })
  }
  amy.send({ type: 6, channel: '#a' })
  expect(await amy.nextJson()).toEqual({ type: 6, users: ['amy'], channel: 'a' })

  await using again = await both.a.connect('bob')
  expect(await again.nextJson()).toEqual({ type: 2, user: 'bob' })
  expect(await again.nextJson()).toEqual({ type: 6, users: ['amy', 'joe', 'bob'] })
  expect(await amy.nextJson()).toEqual({ type: 2, user: 'bob' })
  expect(await joe.nextJson()).toEqual({ type: 2, user: 'bob' })
})

test('a reserved nickname is taken from a process that died before anybody noticed', async () => {
  await using both = await two()
  await using amy = await both.a.login('amy')
  await using older = await both.b.login('Undead')
  older.send({ type: 1, password: PASSWORD })
  await older.nextJson()
  await heard(amy)
  await both.b.kill()
  await using newer = await both.a.login('Undead', await worlds.token(both.a, 'Undead'))
  expect(await amy.nextJson()).toEqual({ type: 3, user: 'Undead' })
  expect(await amy.nextJson()).toEqual({ type: 2, user: 'Undead' })
  both.b.expire()
  expect(await heard(amy)).toEqual([])
  newer.send({ type: 6 })
  expect(await heard(newer)).toEqual([{ type: 6, users: ['amy', 'Undead'] }])
})

test('a process that is stopped logs its people out everywhere and leaves nothing behind', async () => {
  await using both = await two()
  await using amy = await both.a.login('amy')
  await using bob = await both.b.login('bob')
  await join(bob, '#a')
  await heard(amy)
  await both.b.app.close()
  expect(await bob.closed).toMatchObject({ code: 1012 })
  expect(await amy.nextJson()).toEqual({ type: 3, user: 'bob' })
  expect([...both.world.store.claims.keys()]).toEqual(['channels:nick:amy'])
  const { places } = both.world.store
  expect([...places.keys()].sort()).toEqual(['channels:all', 'processes'])
  expect(places.get('processes')?.held.size).toBe(1)
})
