import { connect, Refused } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, testWorlds } from './support.ts'

const worlds = testWorlds()
const start = () => worlds.world().process()

describe('connecting', () => {
  test('is a log-in: everyone is told, then the newcomer gets one list', async () => {
    await using server = await start()
    await using bob = await server.login('bob')
    await using amy = await server.connect('amy')
    expect(await amy.nextJson()).toEqual({ type: 2, user: 'amy' })
    expect(await amy.nextJson()).toEqual({ type: 6, users: ['bob', 'amy'] })
    expect(await heard(amy)).toEqual([])
    expect(await heard(bob)).toEqual([{ type: 2, user: 'amy' }])
  })

  test.each(['Ζωή', '李雷', 'नमस्ते', '[b]{o}|^`_-.\\', '__proto__', 'constructor', 'toString'])(
    'works as %s, percent-encoded in the path',
    async (nick) => {
      await using server = await start()
      await using client = await server.connect(nick)
      expect(await client.nextJson()).toEqual({ type: 2, user: nick })
      expect(await client.nextJson()).toEqual({ type: 6, users: [nick] })
    },
  )

  test.each(['/chat/login/bob?x=%', '/chat/login/bob/', '/chat/login/%62ob'])('works at %s', async (path) => {
    await using server = await start()
    await using client = await connect(server.wsUrl + path)
    expect(await client.nextJson()).toEqual({ type: 2, user: 'bob' })
  })

  test('needs no subprotocol, and echoes the first that is offered', async () => {
    await using server = await start()
    await using plain = await server.connect('bob')
    expect(plain.ws.protocol).toBe('')
    await using offering = await server.connect('amy', ['null', 'chat'])
    expect(offering.ws.protocol).toBe('null')
    expect(await offering.nextJson()).toEqual({ type: 2, user: 'amy' })
  })

  test('what a client says at once is handled once it is logged in', async () => {
    await using server = await start()
    await using bob = await server.connect('bob')
    bob.send({ type: 4, channel: '#a' })
    bob.send({ type: 0, dest: '#a', message: 'first' })
    const came = await bob.until((text) => text.includes('first'))
    expect(came.map((text) => JSON.parse(text).type)).toEqual([2, 6, 4, 0])
  })

  test('without an upgrade is answered 426, and any other path 404', async () => {
    await using server = await start()
    expect((await fetch(`${server.url}/chat/login/bob`)).status).toBe(426)
    const lost = await fetch(`${server.url}/chat`)
    expect(lost.status).toBe(404)
    expect(await lost.json()).toMatchObject({ type: -1, code: 'NOT_FOUND' })
    await expect(connect(`${server.wsUrl}/chat/logout/bob`)).rejects.toThrow(Refused)
  })
})

describe('a nickname', () => {
  const BAD = ['%', '%zz', '%ff', '%ed%a0%80', 'a%', '1bob', '%D9%A2a', '-bob', '.bob', 'a%20b', 'a,b', 'a@b']
  const BADDER = ['%23a', 'a/b', 'a%2Fb', '%00', '%E2%80%8B', 'x'.repeat(33), 'x'.repeat(15_000), '']

  test.each([...BAD, ...BADDER])(
    'that is bad is told so after the upgrade, and closed: %.20s',
    async (encoded) => {
      await using server = await start()
      await using client = await connect(`${server.wsUrl}/chat/login/${encoded}`)
      expect(await client.nextJson()).toEqual({ type: -1, code: 'BAD_NICK', message: expect.any(String) })
      expect(await client.closed).toMatchObject({ code: 1008 })
    },
  )

  test.each([
    ['bob', 'BOB'],
    ['bob', 'ｂｏｂ'],
    ['Ζωή', 'ΖΩΉ'],
    ['é', 'e\u0301'],
    ['__proto__', '__PROTO__'],
  ])('%s is taken for %s, without regard to case', async (first, second) => {
    await using server = await start()
    await using has = await server.login(first)
    await using wants = await server.connect(second)
    expect(await wants.nextJson()).toEqual({ type: -1, code: 'NICK_IN_USE', message: expect.any(String) })
    expect(await wants.closed).toMatchObject({ code: 1008 })
    expect(await heard(has)).toEqual([])
  })

  test('has up to 32 characters', async () => {
    await using server = await start()
    await using client = await server.login('é'.repeat(32))
    expect(await heard(client)).toEqual([])
  })

  test('is shown as its owner wrote it', async () => {
    await using server = await start()
    await using client = await server.connect('McBob')
    expect(await client.nextJson()).toEqual({ type: 2, user: 'McBob' })
    expect(await client.nextJson()).toEqual({ type: 6, users: ['McBob'] })
  })

  test('is one person’s only, however many come for it at once', async () => {
    await using server = await start()
    const clients = await Promise.all(Array.from({ length: 20 }, () => server.connect('bob')))
    const firsts = await Promise.all(clients.map((client) => client.nextJson<{ type: number }>()))
    expect(firsts.filter(({ type }) => type === 2)).toHaveLength(1)
    expect(firsts.filter(({ type }) => type === -1)).toHaveLength(19)
    for (const client of clients) client.ws.terminate()
  })

  test('is free again once its connection is closed', async () => {
    await using server = await start()
    await using amy = await server.login('amy')
    const bob = await server.login('bob')
    bob.ws.close()
    await amy.until((text) => text === '{"type":3,"user":"bob"}')
    await using again = await server.login('bob')
    expect(await heard(again)).toEqual([])
  })
})

describe('type 2', () => {
  test.each(['bob', 'BOB'])('with one’s own nickname (%s) does nothing', async (user) => {
    await using server = await start()
    await using bob = await server.login('bob')
    bob.send({ type: 2, user })
    expect(await heard(bob)).toEqual([])
  })

  test.each(['amy', '', 'not a nick', '\ud800'])(
    'with another one (%j) is an error, and the connection stays',
    async (user) => {
      await using server = await start()
      await using bob = await server.login('bob')
      bob.send({ type: 2, user })
      expect(await heard(bob)).toEqual([{ type: -1, code: 'ALREADY_LOGGED_IN', message: expect.any(String) }])
    },
  )
})

describe('log out', () => {
  test('closes the socket with 1000, and the others are told', async () => {
    await using server = await start()
    await using amy = await server.login('amy')
    await using bob = await server.login('bob')
    await heard(amy)
    bob.send({ type: 3 })
    expect(await bob.closed).toMatchObject({ code: 1000 })
    expect(bob.drain()).toEqual([])
    expect(await amy.nextJson()).toEqual({ type: 3, user: 'bob' })
    amy.send({ type: 6 })
    expect(await amy.nextJson()).toEqual({ type: 6, users: ['amy'] })
  })

  test('frees the nickname before the socket is closed', async () => {
    await using server = await start()
    await using bob = await server.login('bob')
    bob.send({ type: 3 })
    await bob.closed
    await using again = await server.login('bob')
    expect(await heard(again)).toEqual([])
  })

  test('is told once, also when the connection is lost, and then without type 5', async () => {
    await using server = await start()
    await using amy = await server.login('amy')
    await using bob = await server.login('bob')
    await join(amy, '#a')
    await join(bob, '#a')
    await heard(amy)
    bob.ws.terminate()
    expect(await amy.nextJson()).toEqual({ type: 3, user: 'bob' })
    expect(await heard(amy)).toEqual([])
    amy.send({ type: 6, channel: 'a' })
    expect(await amy.nextJson()).toMatchObject({ users: ['amy'] })
  })
})

test('a shutdown tells every client to come back and leaves nobody in presence', async () => {
  const world = worlds.world()
  const server = await world.process()
  await using bob = await server.login('bob')
  await join(bob, '#a')
  await server[Symbol.asyncDispose]()
  expect(await bob.closed).toMatchObject({ code: 1012 })
  expect([...world.store.places.keys()]).toEqual([])
  expect([...world.store.claims.keys()]).toEqual([])
})
