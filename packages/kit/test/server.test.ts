import { once } from 'node:events'
import { listen } from '@switchboard/testing/listen'
import { connect, rawSocket } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { type HttpError, tooMany } from '../src/http-error.ts'
import { createServer, type Server, type ServerOptions } from '../src/server.ts'

const FRIEND = 'https://friend.example'

async function server(options: Partial<ServerOptions> = {}): Promise<Server> {
  const app = await createServer({
    name: 'test',
    config: { logLevel: 'silent', trustedProxies: ['loopback'], allowedOrigins: [FRIEND] },
    errorBody: ({ code, message }) => ({ code, message }),
    needs: {},
    ...options,
  })
  app.post('/echo', async ({ body }) => ({ body }))
  app.get('/who', async ({ ip, protocol, id }) => ({ ip, protocol, id }))
  return app
}

describe('a body', () => {
  const post = async (payload: string, type?: string) => {
    const app = await server({ bodyLimit: 100 })
    const headers = type === undefined ? {} : { 'content-type': type }
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/echo', payload, headers })
    return { status: statusCode, body: JSON.parse(body) as unknown }
  }

  test.each([
    ['JSON', '{"a":"1"}', 'application/json'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded'],
    ['text that is JSON, as fetch sends a string', '{"a":"1"}', 'text/plain;charset=UTF-8'],
    ['JSON without a type', '{"a":"1"}', undefined],
  ])('is read as %s', async (_what, payload, type) => {
    expect(await post(payload, type)).toEqual({ status: 200, body: { body: { a: '1' } } })
  })

  test.each([
    ['broken JSON', '{"a":', 'application/json'],
    ['text that is not JSON', 'hello', 'text/plain'],
    ['a prototype', '{"__proto__":{"admin":true}}', 'application/json'],
  ])('that is %s is 400 in the service’s own form', async (_what, payload, type) => {
    expect(await post(payload, type)).toMatchObject({ status: 400, body: { code: 'BAD_BINDING' } })
  })

  test.each(['application/json', 'text/plain', undefined])(
    'of no bytes is no body, whatever its type: %s',
    async (type) => {
      expect(await post('', type)).toEqual({ status: 200, body: {} })
    },
  )

  test('that is no JSON is not quoted in the error', async () => {
    expect(JSON.stringify(await post('{"password":hunter2}', 'application/json'))).not.toContain('hunter2')
  })

  test('that is too large is 413', async () => {
    expect(await post(`"${'x'.repeat(200)}"`, 'application/json')).toMatchObject({
      status: 413,
      body: { code: 'TOO_LARGE' },
    })
  })
})

describe('an error', () => {
  const answer = async (error: Error) => {
    const app = await server()
    app.get('/fail', async () => {
      throw error
    })
    return app.inject('/fail')
  }

  test('that a route names has its status, code and headers', async () => {
    const response = await answer(tooMany(7))
    expect(response.statusCode).toBe(429)
    expect(response.headers['retry-after']).toBe('7')
    expect(response.json()).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('that nobody foresaw tells the client nothing', async () => {
    const response = await answer(new Error('password is hunter2'))
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('hunter2')
  })

  test('of a database that is away is 503', async () => {
    const response = await answer(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))
    expect(response.statusCode).toBe(503)
    expect(response.json()).toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('can be text', async () => {
    const app = await server({ errorBody: ({ message }: HttpError) => message })
    const response = await app.inject('/nowhere')
    expect([response.statusCode, response.headers['content-type'], response.body]).toEqual([
      404,
      'text/plain; charset=utf-8',
      'there is no such path',
    ])
  })
})

describe('health', () => {
  test('lives while what it needs is away, and is not ready', async () => {
    const needs = { database: async () => {}, bus: () => Promise.reject(new Error('gone')) }
    const app = await server({ needs })
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' })
    const ready = await app.inject('/readyz')
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable', missing: ['bus'] }])
  })

  test('is ready once everything answers', async () => {
    const app = await server({ needs: { database: async () => {} } })
    expect((await app.inject('/readyz')).statusCode).toBe(200)
  })
})

test('metrics have the requests by route, never by URL', async () => {
  const app = await server()
  app.metrics.gauge('test_gauge', 'A gauge', () => 42)
  app.metrics.total('test_drops_total', 'Drops', () => ({ slow: 2, silent: 1 }), 'reason')
  await app.inject('/who?token=hunter2')
  const { body, headers } = await app.inject('/metrics')
  expect(headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(body).toContain('http_request_duration_seconds_count{method="GET",route="/who",status="200"} 1')
  expect(body).toContain('test_gauge 42')
  expect(body).toContain('test_drops_total{reason="slow"} 2')
  expect(body).toContain('nodejs_eventloop_lag_seconds')
  expect(body).not.toContain('hunter2')
})

test('a path that cannot be decoded is 400 in the service’s own form, and an upgrade to it is closed', async () => {
  await using live = await listen(await server())
  const response = await fetch(`${live.url}/who/%`)
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'BAD_BINDING' }])
  await expect(connect(`${live.wsUrl}/who/%`)).rejects.toThrow('400')
  const socket = await rawSocket(live.port)
  socket.write('GET /% HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
})

test('only a trusted proxy is believed about the client', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-request-id': 'abc-1' }
  const near = await (await server()).inject({ url: '/who', headers })
  expect(near.json()).toEqual({ ip: '203.0.113.9', protocol: 'https', id: 'abc-1' })
  const far = await (await server()).inject({ url: '/who', headers, remoteAddress: '198.51.100.1' })
  expect(far.json()).toMatchObject({ ip: '198.51.100.1', protocol: 'http' })
})

test('a request id that could forge a log line is replaced', async () => {
  const response = await (await server()).inject({ url: '/who', headers: { 'x-request-id': 'a b"}{' } })
  expect(response.json<{ id: string }>().id).toMatch(/^[\w-]{8}-[0-9a-z]+$/)
})

test('allowed origins get CORS headers, others none', async () => {
  const app = await server()
  const friend = await app.inject({ url: '/who', headers: { origin: FRIEND } })
  expect(friend.headers['access-control-allow-origin']).toBe(FRIEND)
  expect(friend.headers['access-control-allow-credentials']).toBe('true')
  const foe = await app.inject({ url: '/who', headers: { origin: 'https://foe.example' } })
  expect(foe.headers['access-control-allow-origin']).not.toBe('https://foe.example')
})

test('garbage on the socket is answered with 400 and closed, and others notice nothing', async () => {
  const app = await server()
  await using live = await listen(app)
  const socket = await rawSocket(live.port)
  socket.setEncoding('utf8').write('\x16\x03\x01 not http\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [string]
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  await once(socket, 'close')
  expect((await fetch(`${live.url}/healthz`)).status).toBe(200)
})

test('a stop is not held up by connections that never say anything', async () => {
  const live = await listen(await server({ closePatienceMs: 50 }))
  const silent = await Promise.all(Array.from({ length: 20 }, () => rawSocket(live.port)))
  const gone = silent.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  await live[Symbol.asyncDispose]()
  await Promise.all(gone)
})
