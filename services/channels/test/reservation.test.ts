import type { Entry } from '@switchboard/hub/presence'
import { LIMITS } from '@switchboard/protocol/limits'
import type { Client } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, type Process, testWorlds } from './support.ts'

const worlds = testWorlds()
const PASSWORD = 'correct horse'

/** Accounts and reservations outlive a test, so each has people of its own. */
let people = 0
const newNick = () => `Person${people++}`

const error = (code: string) => ({ type: -1, code, message: expect.any(String) })

async function reserve(client: Client, password = PASSWORD): Promise<unknown> {
  client.send({ type: 1, password })
  return client.nextJson()
}

/** A nickname that is reserved and that nobody has, with a token of its account. */
async function reserved(server: Process) {
  const nick = newNick()
  const client = await server.login(nick)
  expect(await reserve(client)).toEqual({ type: 1, user: nick })
  client.send({ type: 3 })
  await client.closed
  return { nick, token: await tokenOf(server, nick) }
}

async function tokenOf(server: Process, username: string): Promise<string> {
  if (!(await worlds.accounts.byName(username))) await worlds.account(username)
  return worlds.token(server, username)
}

/** Resolves once so many of the promises have. */
function settled(promises: Promise<void>[], count: number): Promise<void> {
  let left = count
  return new Promise((resolve) => {
    for (const promise of promises)
      void promise.then(() => {
        if (--left === 0) resolve()
      })
  })
}

describe('type 1 reserves one’s nickname', () => {
  test('and makes the account of that name where there is none', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await using client = await server.login(nick)
    expect(await reserve(client)).toEqual({ type: 1, user: nick })
    expect(await worlds.accounts.verify(nick, PASSWORD)).toMatchObject({
      ok: true,
      value: { username: nick },
    })
  })

  test('for the account of that name, in any case, with that account’s password', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await worlds.account(nick)
    await using client = await server.login(nick.toUpperCase())
    expect(await reserve(client)).toEqual({ type: 1, user: nick.toUpperCase() })
    expect(await reserve(client)).toEqual({ type: 1, user: nick.toUpperCase() })
  })

  test('and with another password does not', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await worlds.account(nick)
    const client = await server.login(nick)
    expect(await reserve(client, 'wrong')).toEqual(error('BAD_PASSWORD'))
    expect(await heard(client)).toEqual([])
    client.send({ type: 3 })
    await client.closed
    await using again = await server.login(nick)
    expect(await heard(again)).toEqual([])
  })

  test.each(['', 'x'.repeat(1025)])('not with a password that none can be', async (password) => {
    await using server = await worlds.world().process()
    await using client = await server.login(newNick())
    expect(await reserve(client, password)).toEqual(error('BAD_PASSWORD'))
  })

  test('not where the nickname cannot be a username', async () => {
    await using server = await worlds.world().process()
    await using client = await server.login('back\\slash')
    expect(await reserve(client)).toEqual(error('BAD_USERNAME'))
  })

  test('and a wrong password counts as a failed log-in: after 10 a right one is refused too', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await worlds.account(nick)
    await using client = await server.login(nick)
    for (let n = 0; n < 10; n++) expect(await reserve(client, 'wrong')).toEqual(error('BAD_PASSWORD'))
    expect(await reserve(client)).toEqual(error('RATE_LIMITED'))
  })

  test('and 60 accounts a minute are made for one address', async () => {
    const world = worlds.world()
    await using server = await world.process()
    await using client = await server.login(newNick())
    await Promise.all(
      Array.from({ length: 60 }, () => world.limits.counter('sign-ups', LIMITS.signUps).take('127.0.0.1')),
    )
    expect(await reserve(client)).toEqual(error('RATE_LIMITED'))
    expect(await heard(client)).toEqual([])
  })

  test('while other messages of the connection go on', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await using client = await server.login(nick)
    await join(client, '#a')
    client.send({ type: 1, password: PASSWORD })
    client.send({ type: 1, password: 'another' })
    client.send({ type: 0, dest: '#a', message: 'meanwhile' })
    const answers = [await client.nextJson(), await client.nextJson(), await client.nextJson()]
    expect(answers).toContainEqual({ type: 1, user: nick })
    expect(answers).toContainEqual(error('BAD_PASSWORD'))
    expect(answers).toContainEqual({ type: 0, dest: '#a', message: 'meanwhile', user: nick })
  })
})

describe('a reserved nickname', () => {
  test('is not had without a token', async () => {
    await using server = await worlds.world().process()
    const { nick } = await reserved(server)
    await using client = await server.connect(nick.toLowerCase())
    expect(await client.nextJson()).toEqual(error('NICK_RESERVED'))
    expect(await client.closed).toMatchObject({ code: 1008 })
  })

  test('is had with a token of its account as first subprotocol, which is echoed', async () => {
    await using server = await worlds.world().process()
    const { nick, token } = await reserved(server)
    await using client = await server.connect(nick, [token, 'other'])
    expect(client.ws.protocol).toBe(token)
    expect(await client.nextJson()).toEqual({ type: 2, user: nick })
    expect(await client.nextJson()).toEqual({ type: 6, users: [nick] })
  })

  test('is not had with the token as second subprotocol, or of another account', async () => {
    await using server = await worlds.world().process()
    const { nick, token } = await reserved(server)
    const other = await tokenOf(server, newNick())
    for (const protocols of [['other', token], [other]]) {
      await using client = await server.connect(nick, protocols)
      expect(client.ws.protocol).toBe(protocols[0])
      expect(await client.nextJson()).toEqual(error('NICK_RESERVED'))
      expect(await client.closed).toMatchObject({ code: 1008 })
    }
  })

  test('is taken from an older connection; the others hear a log-out, then a log-in', async () => {
    await using server = await worlds.world().process()
    await using amy = await server.login('amy')
    const { nick, token } = await reserved(server)
    await using older = await server.login(nick, token)
    await join(older, '#a')
    await join(amy, '#a')
    await heard(older)
    await heard(amy)
    await using newer = await server.connect(nick, [token])
    expect(await older.nextJson()).toEqual(error('NICK_IN_USE'))
    expect(await older.closed).toMatchObject({ code: 1008 })
    expect(await newer.nextJson()).toEqual({ type: 2, user: nick })
    expect(await newer.nextJson()).toEqual({ type: 6, users: ['amy', nick] })
    expect(await heard(amy)).toEqual([
      { type: 3, user: nick },
      { type: 2, user: nick },
    ])
    amy.send({ type: 6, channel: '#a' })
    expect(await amy.nextJson()).toMatchObject({ users: ['amy'] })
  })

  test('ends with one connection, however many of its account come at once', async () => {
    await using server = await worlds.world().process()
    await using amy = await server.login('amy')
    const { nick, token } = await reserved(server)
    await heard(amy)
    const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect(nick, [token])))
    const codes = new Map<Client, number>()
    const closings = clients.map(async (client) => {
      codes.set(client, (await client.closed).code)
    })
    await settled(closings, clients.length - 1)
    expect([...codes.values()]).toEqual(Array.from({ length: clients.length - 1 }, () => 1008))
    const last = clients.find((client) => !codes.has(client))
    if (!last) throw new Error('nobody is left')
    last.send({ type: 6 })
    const came = await last.until((text) => text === `{"type":6,"users":["amy","${nick}"]}`)
    expect(came.length).toBeGreaterThan(0)
    const told = await heard(amy)
    expect(told.at(-1)).toEqual({ type: 2, user: nick })
    last.ws.terminate()
    await amy.until((text) => text === `{"type":3,"user":"${nick}"}`)
  })

  test('is not taken from who had it before, by who is not its account', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await using client = await server.login(nick)
    await reserve(client)
    await using other = await server.connect(nick)
    expect(await other.nextJson()).toEqual(error('NICK_RESERVED'))
    expect(await heard(client)).toEqual([])
  })
})

describe('a token', () => {
  test('of another account is no hindrance at a nickname that is nobody’s', async () => {
    await using server = await worlds.world().process()
    await using client = await server.login(newNick(), await tokenOf(server, newNick()))
    expect(await heard(client)).toEqual([])
  })

  const FOREIGN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
  const unsigned = (token: string) => {
    const [, payload = ''] = token.split('.')
    return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
  }

  test.each<[string, (server: Process, nick: string, token: string) => Promise<string> | string]>([
    ['that is none', () => 'hello'],
    ['the word null', () => 'null'],
    ['the word undefined', () => 'undefined'],
    ['with another key', () => FOREIGN],
    ['with alg: none', (_server, _nick, token) => unsigned(token)],
    ['that was cut', (_server, _nick, token) => token.slice(0, -4)],
    ['that ran out', (server, nick) => worlds.token(server, nick, -10)],
    [
      'of another key',
      async (_server, nick) => {
        await using stranger = await worlds
          .world({ env: { JWT_SECRET: 'quite another secret that is just as long' } })
          .process()
        return await tokenOf(stranger, nick)
      },
    ],
    [
      'that was revoked',
      async (server, nick) => {
        const token = await tokenOf(server, nick)
        const who = await server.app.tokens.verify(token)
        if (who.ok) await server.app.tokens.revoke(who.value)
        return token
      },
    ],
  ])('%s counts as none: a reserved nickname is not had, another one is', async (_what, make) => {
    await using server = await worlds.world().process()
    const { nick, token } = await reserved(server)
    const bad = await make(server, nick, token)
    await using refused = await server.connect(nick, [bad])
    expect(refused.ws.protocol).toBe(bad)
    expect(await refused.nextJson()).toEqual(error('NICK_RESERVED'))
    expect(await refused.closed).toMatchObject({ code: 1008 })
    await using guest = await server.login(newNick(), bad)
    expect(await heard(guest)).toEqual([])
  })

  test('that is revoked closes its connection with 1008', async () => {
    await using server = await worlds.world().process()
    await using amy = await server.login('amy')
    const { nick, token } = await reserved(server)
    await using client = await server.login(nick, token)
    await heard(amy)
    const who = await server.app.tokens.verify(token)
    if (!who.ok) throw new Error(who.error)
    await server.app.tokens.revoke(who.value)
    expect(await client.closed).toEqual({ code: 1008, reason: 'TOKEN_REVOKED' })
    expect(await amy.nextJson()).toEqual({ type: 3, user: nick })
  })
})

describe('shared presence', () => {
  const placeOf = (nick: string) => `person:${nick.toLowerCase()}`

  test('has a nickname that is connected with its own account’s token, from the 101 until it is gone', async () => {
    await using server = await worlds.world().process()
    const { nick, token } = await reserved(server)
    const client = await server.connect(nick, [token])
    const [entry] = await server.presence.list(placeOf(nick))
    expect(entry).toMatchObject<Partial<Entry>>({ person: nick.toLowerCase(), info: { service: 'channels' } })
    expect(Math.abs(Date.now() - (entry?.since ?? 0))).toBeLessThan(60_000)
    await client.nextJson()
    client.send({ type: 3 })
    await client.closed
    expect(await server.presence.list(placeOf(nick))).toEqual([])
  })

  test('has nobody else: guests, unreserved nicknames, other people’s tokens', async () => {
    await using server = await worlds.world().process()
    const [guest, unreserved, other] = [newNick(), newNick(), newNick()]
    await using _guest = await server.login(guest)
    await using _unreserved = await server.login(unreserved, await tokenOf(server, unreserved))
    await using _other = await server.login(other, await tokenOf(server, newNick()))
    for (const nick of [guest, unreserved, other])
      expect(await server.presence.list(placeOf(nick))).toEqual([])
  })

  test('has a nickname once it is reserved by a connection with its account’s token', async () => {
    await using server = await worlds.world().process()
    const nick = newNick()
    await using client = await server.login(nick, await tokenOf(server, nick))
    expect(await reserve(client)).toEqual({ type: 1, user: nick })
    expect(await server.presence.list(placeOf(nick))).toHaveLength(1)
  })
})
