import websocket from '@fastify/websocket'
import { listen } from '@switchboard/testing/listen'
import { connect, Refused } from '@switchboard/testing/socket'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TokenPlaces } from '../src/token-places.ts'
import { type House, openHouse } from './support/house.ts'
import { TOKEN_STATUS } from './support/token-status.ts'

let house: House
let app: FastifyInstance
let token: string
let cookie: string

/** Answers who asks, or 401 and its like, on `/<name>` for each of these. */
const ROUTES: Record<string, TokenPlaces> = {
  bearer: { bearer: true },
  query: { query: ['token', 't'] },
  body: { body: ['token'] },
  cookie: { cookie: true },
  all: { bearer: true, query: ['token', 't'], body: ['token'], subprotocol: true, cookie: true },
}

beforeAll(async () => {
  house = await openHouse()
  app = await house.app({ allowedOrigins: ['https://friend.example'] })
  await app.register(websocket, {
    options: { handleProtocols: (offered: Set<string>) => [...offered][0] ?? false },
  })
  for (const [name, places] of Object.entries(ROUTES)) {
    app.route({
      method: ['GET', 'POST'],
      url: `/${name}`,
      handler: async (request, reply) => {
        const who = await request.identify(places)
        if (!who.ok) return reply.code(TOKEN_STATUS[who.error]).send({ error: who.error })
        return { account: who.value.accountId }
      },
    })
    app.route({
      method: 'GET',
      url: `/ws/${name}`,
      preValidation: async (request, reply) => {
        const who = await request.identify(places)
        if (!who.ok) return reply.code(TOKEN_STATUS[who.error]).send({ error: who.error })
      },
      handler: async () => 'not an upgrade',
      wsHandler: (socket) => socket.close(1000),
    })
  }
  app.post('/login', async (_request, reply) => {
    const person = await house.person()
    return reply.setTokenCookie(app.tokens.issue(person, { ttlSeconds: 60 })).send({ good: true })
  })
  app.post('/logout', async (_request, reply) => reply.clearTokenCookie().send({ good: true }))
})
beforeEach(async () => {
  token = app.tokens.issue(await house.person(), { ttlSeconds: 60 }).token
  cookie = `token=${token}`
})
afterAll(() => house[Symbol.asyncDispose]())

const ask = async (
  url: string,
  {
    method = 'GET',
    headers = {},
    payload,
  }: { method?: 'GET' | 'POST'; headers?: object; payload?: object } = {},
) => {
  const answer = await app.inject({
    method,
    url,
    headers: { host: 'board.example', ...headers },
    ...(payload && { payload }),
  })
  return answer.statusCode === 200 ? 'good' : (answer.json() as { error: string }).error
}

describe('a token is taken', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('from the Authorization header (%s)', async (scheme) => {
    expect(await ask('/bearer', { headers: { authorization: `${scheme} ${token}` } })).toBe('good')
  })
  test('from the names in the query that the service reads', async () => {
    expect(await ask(`/query?token=${token}`)).toBe('good')
    expect(await ask(`/query?t=${token}`)).toBe('good')
    expect(await ask(`/query?token=&t=${token}`)).toBe('good')
  })
  test('from the body', async () => {
    expect(await ask('/body', { method: 'POST', payload: { token } })).toBe('good')
  })
  test('from the cookie', async () => {
    expect(await ask('/cookie', { headers: { cookie } })).toBe('good')
    expect(await ask('/cookie', { headers: { cookie: `a=b; ${cookie}; c=d` } })).toBe('good')
  })
})

describe('a token is not taken', () => {
  test.each<[string, string, object]>([
    ['where there is none', '/all', {}],
    ['where it is empty', '/query?token=', {}],
    ['from another scheme', '/bearer', { authorization: 'Basic YTpi' }],
    ['from an empty header', '/bearer', { authorization: 'Bearer' }],
    ['from an empty cookie', '/cookie', { cookie: 'token=' }],
  ])('%s: MISSING', async (_, url, headers) => {
    expect(await ask(url, { headers })).toBe('MISSING')
  })
  test('from a place that the service does not read', async () => {
    expect(await ask(`/bearer?token=${token}`, { headers: { cookie } })).toBe('MISSING')
    expect(await ask(`/query?other=${token}`)).toBe('MISSING')
    expect(await ask('/query', { headers: { authorization: `Bearer ${token}` } })).toBe('MISSING')
  })
  test('twice from one place', async () => {
    expect(await ask(`/query?token=${token}&token=${token}`)).toBe('INVALID')
    expect(await ask('/body', { method: 'POST', payload: { token: { $ne: '' } } })).toBe('INVALID')
  })
  test('from a prototype', async () => {
    expect(await ask('/query?__proto__[token]=x&constructor=x')).toBe('MISSING')
  })
})

test('an explicit token wins over the cookie, also where it is no good', async () => {
  expect(await ask('/all?token=rubbish', { headers: { cookie } })).toBe('INVALID')
  expect(await ask(`/all?token=${token}`, { headers: { cookie: 'token=rubbish' } })).toBe('good')
  expect(await ask('/all', { headers: { cookie, authorization: 'Bearer rubbish' } })).toBe('INVALID')
})

describe('the cookie', () => {
  const attributes = async (url: string, headers: object = {}) => {
    const { cookies } = await app.inject({ method: 'POST', url, headers: { ...headers } })
    return cookies[0]
  }
  test('is for the API alone, hidden from scripts and other sites, until the token runs out', async () => {
    const made = await attributes('/login')
    expect(made).toMatchObject({ name: 'token', path: '/api/v1', httpOnly: true, sameSite: 'Lax' })
    expect(made).not.toHaveProperty('secure')
    expect(Number(made?.expires) - Date.now()).toBeLessThanOrEqual(60_000)
    expect(await ask('/cookie', { headers: { cookie: `token=${made?.value}` } })).toBe('good')
  })
  test('goes over TLS alone where the client came by TLS', async () => {
    const behindProxy = await house.app({}, { trustProxy: true })
    const issued = behindProxy.tokens.issue(await house.person(), { ttlSeconds: 60 })
    behindProxy.get('/', async (_request, reply) => reply.setTokenCookie(issued).send('good'))
    behindProxy.post('/', async (request) => (await request.identify({ cookie: true })).ok)
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'board.example' }
    const { cookies } = await behindProxy.inject({ url: '/', headers })
    expect(cookies[0]).toMatchObject({ name: 'token', secure: true })
    const change = (origin: string) =>
      behindProxy.inject({
        method: 'POST',
        url: '/',
        headers: { ...headers, origin, cookie: `token=${issued.token}` },
      })
    expect((await change('https://board.example')).body).toBe('true')
    expect((await change('http://board.example')).body).toBe('false')
  })
  test('is cleared with the attributes that it was made with', async () => {
    const cleared = await attributes('/logout')
    expect(cleared).toMatchObject({ name: 'token', value: '', path: '/api/v1', httpOnly: true })
    expect(Number(cleared?.expires)).toBeLessThan(Date.now())
  })
})

describe('a change that only the cookie authorises', () => {
  const change = (headers: object) => ask('/all', { method: 'POST', headers: { cookie, ...headers } })

  test.each<[string, object]>([
    ['from this origin', { origin: 'http://board.example' }],
    ['from this origin with its port', { origin: 'http://board.example:80' }],
    ['from an allowed origin', { origin: 'https://friend.example', 'sec-fetch-site': 'cross-site' }],
    ['from a program that is no browser', {}],
    ['from this origin by a browser that sends no Origin', { 'sec-fetch-site': 'same-origin' }],
  ])('is taken %s', async (_, headers) => {
    expect(await change(headers)).toBe('good')
  })

  test.each<[string, object]>([
    ['from another origin', { origin: 'http://evil.example' }],
    ['from this host by another scheme', { origin: 'https://board.example' }],
    ['from this host at another port', { origin: 'http://board.example:8080' }],
    ['from a neighbour', { origin: 'http://board.example.evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from what is no origin', { origin: '://' }],
    ['from another site that sends no Origin', { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbouring site that sends no Origin', { 'sec-fetch-site': 'same-site' }],
    ['to a host that is none', { origin: 'http://evil.example', host: 'evil.example:port' }],
  ])('is not taken %s', async (_, headers) => {
    expect(await change(headers)).toBe('CROSS_SITE')
  })

  test('may come from anywhere with an explicit token, and reading may too', async () => {
    const origin = 'http://evil.example'
    expect(await change({ origin, authorization: `Bearer ${token}` })).toBe('good')
    expect(await ask('/all', { headers: { cookie, origin } })).toBe('good')
  })
})

describe('a WebSocket upgrade', () => {
  const upgrade = async (path: string, protocols: string[] = [], headers: Record<string, string> = {}) => {
    const { wsUrl } = await listening
    try {
      const client = await connect(`${wsUrl}/ws/${path}`, { protocols, headers })
      await client.closed
      return client.ws.protocol || 'good'
    } catch (error) {
      if (error instanceof Refused) return error.status
      throw error
    }
  }
  let listening: ReturnType<typeof listen>
  beforeAll(() => {
    listening = listen(app)
    return listening
  })

  test('takes the token from the first subprotocol, which is echoed', async () => {
    expect(await upgrade('all', [token])).toBe(token)
    expect(await upgrade('all', [token, 'other'])).toBe(token)
    expect(await upgrade('all', ['other', token])).toBe(401)
  })
  test('takes the token from the query', async () => {
    expect(await upgrade(`query?t=${token}`)).toBe('good')
    expect(await upgrade('query?t=rubbish')).toBe(401)
  })
  test.each([['all'], ['cookie']])('never takes the cookie (%s)', async (path) => {
    expect(await upgrade(path, [], { cookie })).toBe(401)
    const { url } = await listening
    const read = await fetch(`${url}/ws/${path}`, { headers: { cookie } })
    expect([read.status, await read.text()]).toEqual([200, 'not an upgrade'])
  })
  test.each(['null', 'undefined'])(
    'counts the subprotocol %s, as scripts send it, as no token',
    async (word) => {
      expect(await upgrade('all', [word])).toBe(401)
      const response = await app.inject({ url: '/all', headers: { 'sec-websocket-protocol': word } })
      expect(response.json()).toEqual({ error: 'MISSING' })
    },
  )
})
