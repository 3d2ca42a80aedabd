import { createHmac } from 'node:crypto'
import { connect, Refused } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get } from './support/http.ts'
import { type Installation, install, SECRET } from './support/installation.ts'
import { join, type Person, signUp } from './support/people.ts'

let installation: Installation
let url: string
let wsUrl: string
let alice: Person
beforeAll(async () => {
  installation = await install()
  url = installation.first.url
  wsUrl = installation.first.wsUrl
  alice = await signUp(url, 'alice')
})
afterAll(() => installation[Symbol.asyncDispose]())

async function refusal(joining: Promise<AsyncDisposable>): Promise<{ status: number; body: unknown }> {
  try {
    await using _client = await joining
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, body: JSON.parse(error.body) }
    throw error
  }
  throw new Error('the upgrade was not refused')
}
const refused = (status: number, type: string) => {
  const { error, data } = failure(status, type)
  return { status, body: { error, data } }
}

describe('the token', () => {
  it('is the first offered subprotocol, which is echoed', async () => {
    await using member = await join(wsUrl, 'token', { protocols: [alice.token, 'other'] })
    expect(member.client.ws.protocol).toBe(alice.token)
    member.say('hello')
    expect(await member.hear(1)).toMatchObject([{ sender: { id: alice.id, username: 'alice' } }])
  })

  it('is taken from no header, cookie or query', async () => {
    const headers = { authorization: `Bearer ${alice.token}`, cookie: `token=${alice.token}` }
    const path = `/api/v1/rooms/token/messages/ws?token=${alice.token}`
    await using client = await connect(`${wsUrl}${path}`, { headers })
    client.send({ text: 'hello' })
    expect(await client.closed).toMatchObject({ code: 1008 })
  })

  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (header: object, claims: object, secret: string) => {
    const body = `${base64(header)}.${base64(claims)}`
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
  }
  const partsOf = (token: string) =>
    token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>)

  it('that is invalid is refused with 401 before the upgrade', async () => {
    const [header = {}, claims = {}] = partsOf(alice.token)
    const past = Math.floor(Date.now() / 1000) - 10
    const bad = {
      'no token at all': 'abc',
      expired: signed(header, { ...claims, exp: past }, SECRET),
      'of another audience': signed(header, { ...claims, aud: 'nemesis' }, SECRET),
      'alg none': `${base64({ ...header, alg: 'none' })}.${base64(claims)}.`,
      'wrongly keyed': signed(header, claims, 'another secret of at least thirty-two bytes'),
      'changed after signing': alice.token.replace(/\.[^.]+\./, `.${base64({ ...claims, sub: '2' })}.`),
      'of nobody': signed(header, { ...claims, sub: '999999' }, SECRET),
    }
    for (const [what, token] of Object.entries(bad)) {
      const answer = await refusal(join(wsUrl, 'token', { token }))
      expect(answer, what).toMatchObject(refused(401, 'UNAUTHORIZED'))
    }
  })

  it('of ide is good here, and chat tokens are for the same people', async () => {
    const account = { id: alice.id, username: 'alice', key: 'alice', createdAt: 0, generation: 0 }
    const { token } = installation.first.app.tokens.issue(account, { ttlSeconds: 60, ide: 'workshop' })
    await using member = await join(wsUrl, 'token', { token })
    member.say('from ide')
    expect(await member.hearTexts(1)).toEqual(['from ide'])
  })

  it('that runs out leaves its connection alone', async () => {
    const account = { id: alice.id, username: 'alice', key: 'alice', createdAt: 0, generation: 0 }
    const { token, expiresAt } = installation.first.app.tokens.issue(account, { ttlSeconds: 1 })
    await using member = await join(wsUrl, 'token', { token })
    await new Promise((resolve) => setTimeout(resolve, expiresAt - Date.now() + 100))
    member.say('still here')
    expect(await member.hearTexts(1)).toEqual(['still here'])
    expect(await refusal(join(wsUrl, 'token', { token }))).toMatchObject(refused(401, 'UNAUTHORIZED'))
  })

  it('that is revoked closes its connections with 1008 within 1 s, in every process, and nobody else', async () => {
    await using other = await installation.start('revoking')
    const [carol, dave] = [await signUp(url, 'carol'), await signUp(url, 'dave')]
    await using here = await join(wsUrl, 'token', carol)
    await using there = await join(other.wsUrl, 'token', carol)
    await using bystander = await join(wsUrl, 'token', dave)
    const who = await installation.first.app.tokens.verify(carol.token)
    if (!who.ok) throw new Error(who.error)
    const before = performance.now()
    await installation.first.app.tokens.revoke(who.value)
    const closed = { code: 1008, reason: 'TOKEN_REVOKED' }
    expect(await Promise.all([here.closed, there.closed])).toEqual([closed, closed])
    expect(performance.now() - before).toBeLessThan(1000)
    expect(await refusal(join(wsUrl, 'token', carol))).toMatchObject(refused(401, 'UNAUTHORIZED'))
    bystander.say('still here')
    expect(await bystander.hearTexts(1)).toEqual(['still here'])
  })
})

describe('a guest', () => {
  it.each([
    ['without a subprotocol', []],
    ['with null', ['null']],
    ['with undefined', ['undefined']],
  ])('%s joins, reads, and has the word echoed', async (_how, protocols) => {
    await using guest = await join(wsUrl, 'guests', { protocols })
    expect(guest.client.ws.protocol).toBe(protocols[0] ?? '')
    await using member = await join(wsUrl, 'guests', alice)
    member.say('hello guest')
    expect(await guest.hearTexts(1)).toEqual(['hello guest'])
  })

  it.each([
    ['a message', '{"text":"hello"}'],
    ['anything', 'x'],
    ['an empty frame', ''],
    ['a binary frame', Buffer.from([1, 2])],
  ])('who sends %s is closed with 1008, and nothing is delivered', async (_what, frame) => {
    await using member = await join(wsUrl, 'silence', alice)
    await using guest = await join(wsUrl, 'silence')
    guest.client.send(frame)
    expect(await guest.closed).toEqual({ code: 1008, reason: 'READ_ONLY' })
    member.say('alone')
    expect(await member.hearTexts(1)).toEqual(['alone'])
  })
})

describe('a room', () => {
  it('exists from its first join, a guest’s too', async () => {
    expect(await get(`${url}/api/v1/rooms/newborn`)).toMatchObject(failure(404, 'ROOM_NOT_FOUND'))
    await using _guest = await join(wsUrl, 'newborn')
    expect(await get(`${url}/api/v1/rooms/newborn`)).toMatchObject({
      status: 200,
      data: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'newborn', members: [] },
    })
  })

  it('is one room however many join it first at one time', async () => {
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(Array.from({ length: 20 }, () => join(wsUrl, 'rush', alice)))
    for (const member of members) stack.use(member)
    members[0]?.say('hello all')
    for (const member of members) expect(await member.hearTexts(1)).toEqual(['hello all'])
  })

  it('has an older alias path', async () => {
    await using client = await connect(`${wsUrl}/api/v1/rooms/alias/ws`, { protocols: [alice.token] })
    await using member = await join(wsUrl, 'alias', alice)
    client.send({ text: 'from the alias' })
    expect(await member.hearTexts(1)).toEqual(['from the alias'])
  })

  it.each(['__proto__', 'constructor', 'комната.1', 'हिन्दी', '部屋', 'x'.repeat(64), '𝒳'.repeat(64), '-_.'])(
    'may be named %s',
    async (name) => {
      await using member = await join(wsUrl, name, alice)
      member.say(name)
      expect(await member.hearTexts(1)).toEqual([name])
      const room = await get(`${url}/api/v1/rooms/${encodeURIComponent(name)}`)
      expect(room).toMatchObject({ status: 200, data: { name } })
    },
  )

  it.each([' ', 'a b', 'a/b', '#a', 'a\u0000', 'a\n', 'a\u200b', '😀', 'x'.repeat(65), 'x'.repeat(500)])(
    'may not be named %j: 400',
    async (name) => {
      expect(await refusal(join(wsUrl, name, alice))).toMatchObject(refused(400, 'BAD_BINDING'))
      const path = `${url}/api/v1/rooms/${encodeURIComponent(name)}`
      expect(await get(path)).toMatchObject(failure(400, 'BAD_BINDING'))
    },
  )

  it('is named in NFC and with regard to case', async () => {
    await using composed = await join(wsUrl, 'caf\u00e9', alice)
    await using decomposed = await join(wsUrl, 'cafe\u0301', alice)
    await using upper = await join(wsUrl, 'CAF\u00c9', alice)
    composed.say('one room')
    expect(await decomposed.hearTexts(1)).toEqual(['one room'])
    upper.say('another')
    expect(await upper.hearTexts(1)).toEqual(['another'])
    expect(await composed.hearTexts(1)).toEqual(['one room'])
    expect(await composed.rest()).toEqual([])
  })

  it('keeps its messages to itself', async () => {
    await using a = await join(wsUrl, 'a', alice)
    await using b = await join(wsUrl, 'b', alice)
    a.say('in a')
    b.say('in b')
    expect(await a.hearTexts(1)).toEqual(['in a'])
    expect(await b.hearTexts(1)).toEqual(['in b'])
    expect([...(await a.rest()), ...(await b.rest())]).toEqual([])
  })

  it('is asked for without an upgrade in vain: 426 in the generic form', async () => {
    const answer = await get(`${url}/api/v1/rooms/lobby/messages/ws`)
    expect(answer).toMatchObject(failure(426, 'BAD_BINDING'))
  })
})

describe('members', () => {
  const membersOf = async (room: string) => {
    const [whole, users] = await Promise.all([
      get<{ members: unknown[] }>(`${url}/api/v1/rooms/${room}`),
      get<unknown[]>(`${url}/api/v1/rooms/${room}/users`),
    ])
    expect(users.data).toEqual(whole.data.members)
    return users.data
  }
  const user = ({ id, username }: Person) => ({ id, username })

  it('are the accounts that are connected now, once each and no guests, over all processes', async () => {
    await using other = await installation.start('members')
    const bob = await signUp(url, 'bob')
    await using _a1 = await join(wsUrl, 'members', alice)
    await using _a2 = await join(other.wsUrl, 'members', alice)
    await using _guest = await join(wsUrl, 'members')
    expect(await membersOf('members')).toEqual([user(alice)])
    await using bobThere = await join(other.wsUrl, 'members', bob)
    expect(await membersOf('members')).toEqual([user(alice), user(bob)])
    bobThere.client.ws.close()
    await bobThere.closed
    await expect.poll(() => membersOf('members')).toEqual([user(alice)])
  })

  it('are there before the 101 goes out, in shared presence too', async () => {
    for (let i = 0; i < 10; i++) {
      await using _member = await join(wsUrl, `prompt-${i}`, alice)
      expect(await membersOf(`prompt-${i}`)).toEqual([user(alice)])
      const entries = await installation.first.presence.list('person:alice')
      expect(entries.map(({ info }) => info)).toContainEqual({
        service: 'chat',
        places: [{ name: `prompt-${i}`, since: expect.any(Number) }],
      })
    }
  })

  it('cannot be told while presence does not answer: 503, and guests still join', async () => {
    await using process = await installation.start('lonely')
    await using _first = await join(process.wsUrl, 'lonely', alice)
    const away = async () => {
      throw new Error('presence is away')
    }
    Object.assign(process.presence, { enter: away, list: away })
    expect(await refusal(join(process.wsUrl, 'lonely', alice))).toMatchObject(refused(503, 'UNAVAILABLE'))
    expect(await get(`${process.url}/api/v1/rooms/lonely`)).toMatchObject(failure(503, 'UNAVAILABLE'))
    await using guest = await join(process.wsUrl, 'lonely')
    expect(guest.client.ws.readyState).toBe(guest.client.ws.OPEN)
  })

  it('are gone when their process dies', async () => {
    const dying = await installation.start('dying')
    await using _member = await join(dying.wsUrl, 'deathbed', alice)
    expect(await membersOf('deathbed')).toEqual([user(alice)])
    await dying.crash()
    expect(await membersOf('deathbed')).toEqual([])
  })

  it('are gone after a handshake that was refused late', async () => {
    const path = '/api/v1/rooms/refused/messages/ws'
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'not a key',
      'sec-websocket-protocol': alice.token,
    }
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${url}${path}`, { headers }, (response) => resolve(response.statusCode))
      asked.on('error', reject).end()
    })
    expect(status).toBe(400)
    await expect.poll(() => membersOf('refused')).toEqual([])
  })
})
