import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { connect, Refused, rawSocket } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { type Installation, install, SECRET } from './support/installation.ts'
import { api, post, signUp, tokenOf } from './support/person.ts'

let installation: Installation
let wsUrl: string
let token: string
beforeAll(async () => {
  installation = await install()
  wsUrl = installation.first.wsUrl
  token = (await installation.signUp('Una')).token
})
afterAll(() => installation[Symbol.asyncDispose]())

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
const headerOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())

function sign(header: object, claims: object, secret: string): string {
  const signed = `${base64(header)}.${base64(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const refusal = (path: string, headers: Record<string, string> = {}) =>
  connect(wsUrl + path, { headers }).then(
    () => {
      throw new Error('was let in')
    },
    (error: unknown) => (error instanceof Refused ? { status: error.status, body: error.body } : error),
  )
const NO_TOKEN = { status: 401, body: '{"error":"no valid token"}' }

describe('the upgrade', () => {
  test.each(['/api/v1/socket', '/ws'])('is taken at %s, with the token as token or t', async (path) => {
    for (const name of ['token', 't']) {
      await using ide = await openIde(wsUrl, { [name]: token }, { path })
      ide.say('send', { to: 'una', data: name })
      expect(await ide.hear()).toEqual(['msg', { from: 'Una', data: name }])
    }
  })

  test('is refused with 401 without a token, in any place but the query', async () => {
    expect(await refusal('/api/v1/socket')).toEqual(NO_TOKEN)
    expect(await refusal('/ws?token=')).toEqual(NO_TOKEN)
    expect(await refusal('/ws', { authorization: `Bearer ${token}` })).toEqual(NO_TOKEN)
  })

  test('never takes the cookie', async () => {
    expect(await refusal('/api/v1/socket', { cookie: `token=${token}` })).toEqual(NO_TOKEN)
  })

  test('is refused with 401 with any token that is not one of ours, unspoilt and in time', async () => {
    const header = headerOf(token)
    const claims = claimsOf(token)
    const [head, body, signature] = token.split('.')
    const { jti: _jti, ...withoutId } = claims
    const bad = {
      garbage: 'garbage',
      'a lone surrogate': '%ED%A0%80',
      huge: 'x'.repeat(10_000),
      'signed by another': sign(header, claims, 'another secret of thirty-two bytes!'),
      'alg none': `${base64({ ...header, alg: 'none' })}.${body}.`,
      'alg none, signed': sign({ ...header, alg: 'none' }, claims, SECRET),
      'another alg': sign({ ...header, alg: 'HS512' }, claims, SECRET),
      'an unknown key': sign({ ...header, kid: 'constructor' }, claims, 'x'.repeat(32)),
      'no signature': `${head}.${body}`,
      'other claims': `${head}.${base64({ ...claims, name: 'root' })}.${signature}`,
      expired: sign(header, { ...claims, exp: Math.floor(Date.now() / 1000) - 1 }, SECRET),
      'of nemesis': sign(header, { ...claims, aud: 'nemesis' }, SECRET),
      'of nobody': sign(header, { ...claims, sub: '999999' }, SECRET),
      'without an id': sign(header, withoutId, SECRET),
      'no object': sign(header, ['sub'], SECRET),
    }
    // The way they are made makes good ones too.
    await (await connect(`${wsUrl}/ws?token=${sign(header, claims, SECRET)}`))[Symbol.asyncDispose]()
    for (const [what, one] of Object.entries(bad)) {
      expect([what, await refusal(`/api/v1/socket?token=${one}`)]).toEqual([what, NO_TOKEN])
    }
    expect(await refusal(`/api/v1/socket?token=${token}&token=${token}`)).toEqual(NO_TOKEN)
  })

  test('takes a token that names no IDE, as chat and user/login issue it, and starts in no space', async () => {
    const { ide: _ide, ...claims } = claimsOf(token)
    await using ide = await openIde(wsUrl, { token: sign(headerOf(token), claims, SECRET) })
    expect(await ide.list('x')).toEqual([])
  })

  test('outlives its token: a socket whose token runs out stays', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2
    const short = sign(headerOf(token), { ...claimsOf(token), exp }, SECRET)
    await using ide = await openIde(wsUrl, { token: short })
    const status = async () => (await fetch(`${installation.first.url}/api/v1/repos?token=${short}`)).status
    await expect.poll(status, { timeout: 10_000 }).toBe(401)
    expect(await ide.list('x')).toEqual([])
  })

  test('echoes the first subprotocol that was offered', async () => {
    const client = await connect(`${wsUrl}/ws?token=${token}`, { protocols: ['ide', 'other'] })
    expect(client.ws.protocol).toBe('ide')
    await client[Symbol.asyncDispose]()
  })

  test('is not to be had at any other path, and a plain request is told that this is a WebSocket', async () => {
    expect(await refusal('/api/v1/nothing')).toMatchObject({ status: 404 })
    expect(await refusal('/api/v1/repos')).toEqual(NO_TOKEN)
    expect(await refusal(`/api/v1/repos?token=${token}`)).toMatchObject({ status: 200 })
    const plain = await fetch(`${installation.first.url}/api/v1/socket?token=${token}`)
    expect([plain.status, await plain.json()]).toEqual([426, { error: 'this is a WebSocket' }])
  })

  test('of a client that speaks no WebSocket leaves nobody behind', async () => {
    const { token: mine } = await installation.signUp('half')
    for (const key of ['', 'Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n']) {
      const socket = await rawSocket(installation.first.port)
      socket.write(
        `GET /ws?token=${mine}&space=halfway HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`,
      )
      socket.resume()
      await once(socket, 'close')
    }
    await using ide = await openIde(wsUrl, { token })
    await expect.poll(() => ide.list('halfway')).toEqual([])
    ide.say('send', { to: 'half', data: 1 })
    expect(await ide.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])
  })

  test('is in presence before its 101', async () => {
    const { token: mine } = await installation.signUp('Pat')
    await using _ide = await openIde(wsUrl, { token: mine, space: 'early' })
    const { presence } = installation.first
    expect(await presence.list('person:pat')).toMatchObject([{ person: 'pat', info: { service: 'ide' } }])
    expect(await presence.list('ide:space:early')).toMatchObject([{ person: 'pat' }])
  })
})

describe('a token that is revoked', () => {
  test('closes its sockets with 1008 within a second, in every process, and no others', async () => {
    const second = await installation.start('revoking')
    const person = await installation.signUp('Rita')
    const other = await tokenOf(second.url, person)
    await using here = await openIde(wsUrl, person)
    await using there = await openIde(second.wsUrl, person)
    await using spared = await openIde(wsUrl, { token: other })
    const start = performance.now()
    expect((await api(second.url, person)('POST', '/user/logout')).status).toBe(200)
    const closed = { code: 1008, reason: 'TOKEN_REVOKED' }
    expect(await Promise.all([here.client.closed, there.client.closed])).toEqual([closed, closed])
    expect(performance.now() - start).toBeLessThan(1000)
    expect(await spared.list('x')).toEqual([])
    expect(await refusal(`/ws?token=${person.token}`)).toEqual(NO_TOKEN)
  })

  test('by a changed password, too', async () => {
    const person = await installation.signUp('Rex')
    await using ide = await openIde(wsUrl, person)
    const { createAccounts } = await import('@switchboard/auth/accounts')
    const { MemoryBroker } = await import('@switchboard/hub/broker-memory')
    const broker = new MemoryBroker(installation.bus, 'elsewhere')
    const accounts = createAccounts({ database: installation.database, broker })
    const account = await accounts.byName('rex')
    await accounts.setPassword(account?.id ?? 0, 'new')
    expect(await ide.client.closed).toEqual({ code: 1008, reason: 'TOKEN_REVOKED' })
    expect(await refusal(`/ws?token=${person.token}`)).toEqual(NO_TOKEN)
    await accounts.close()
  })
})

describe.skipIf(!findServer('postgres'))('while PostgreSQL is away', () => {
  test('tokens are refused with 503, never accepted; those who are in go on; afterwards all is as before', async () => {
    await using server = await livePostgres()
    await using fresh = await install({ database: await server.createDatabase() })
    const { url } = fresh.first
    const ann = await signUp(url, 'ann')
    const ben = await signUp(url, 'ben')
    const repo = (await api(url, ann)<{ id: string }>('POST', '/repos', { name: 'x' })).body.id
    await using a = await openIde(fresh.first.wsUrl, ann)
    await using b = await openIde(fresh.first.wsUrl, ben)

    await server.stop()
    const refused = await connect(`${fresh.first.wsUrl}/ws?token=${ann.token}`).catch(
      (error: unknown) => error,
    )
    expect(refused).toMatchObject({ status: 503, body: expect.stringMatching(/^\{"error":"[^"]+"\}$/) })
    expect((await api(url, ann)('GET', '/repos')).status).toBe(503)
    const logIn = { username: 'ann', password: ann.password, ide_id: 'i' }
    expect((await post(`${url}/api/v1/user/auth`, logIn)).status).toBe(503)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    a.say('send', { to: 'ben', data: 'still here' })
    expect(await b.hear()).toEqual(['msg', { from: 'ann', data: 'still here' }])
    expect(await a.list('lobby')).toEqual([])
    a.say('join', { space: repo })
    expect(await a.hear()).toEqual(['error', { event: 'join', space: repo, code: 'UNAVAILABLE' }])

    await server.start()
    expect((await api(url, ann)('GET', '/repos')).status).toBe(200)
    expect(await a.list(repo)).toEqual([])
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })
})
