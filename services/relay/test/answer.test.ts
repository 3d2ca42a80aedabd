import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type RelayClient } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let relay: Process & AsyncDisposable
beforeAll(async () => {
  relay = await startRelay({ limits: false, ackPatienceMs: 500 })
})
afterAll(() => relay[Symbol.asyncDispose]())

async function pair(): Promise<{ token: string; client: RelayClient }> {
  const token = await relay.token()
  return { token, client: await connect(relay.url, token) }
}

const guards = (response: Response) => [
  response.headers.get('content-security-policy'),
  response.headers.get('x-content-type-options'),
  response.headers.get('cache-control'),
]
const GUARDED = ['sandbox', 'nosniff', 'no-store']

describe('an acknowledgement within the time', () => {
  test('is the answer: status, body, headers', async () => {
    const { token, client } = await pair()
    client.answer(() => [418, { tea: true }, { 'X-Kind': 'pot', vary: ['a', 'b'] }])
    const response = await relay.go(token)
    expect(response.status).toBe(418)
    expect(await response.json()).toEqual({ tea: true })
    expect(response.headers.get('x-kind')).toBe('pot')
    expect(response.headers.get('vary')).toBe('a, b')
    expect(response.headers.get('x-relay-delivery')).toBe('delivered')
    expect(guards(response)).toEqual(GUARDED)
    client.close()
  })

  test.each([
    { args: [], status: 200, type: 'text/plain; charset=utf-8', text: 'OK' },
    { args: [201], status: 201, type: 'text/plain; charset=utf-8', text: 'OK' },
    { args: [200, ''], status: 200, type: 'text/plain; charset=utf-8', text: '' },
    { args: ['body'], status: 200, type: 'text/plain; charset=utf-8', text: 'body' },
    { args: [200, [1, 2]], status: 200, type: 'application/json; charset=utf-8', text: '[1,2]' },
    { args: [200, 5], status: 200, type: 'application/json; charset=utf-8', text: '5' },
    { args: [200, '<b>', { 'content-type': 'text/html' }], status: 200, type: 'text/html', text: '<b>' },
    { args: [200, '<b>', { 'content-type': ['text/html'] }], status: 200, type: 'text/html', text: '<b>' },
    {
      args: [200, '{"a":1}', { 'content-type': 'application/json' }],
      status: 200,
      type: 'application/json',
      text: '{"a":1}',
    },
    { args: [204, 'ignored'], status: 204, type: null, text: '' },
    { args: [304], status: 304, type: null, text: '' },
    { args: [599, 'x'], status: 599, type: 'text/plain; charset=utf-8', text: 'x' },
  ])('$args is answered as $status $text', async ({ args, status, type, text }) => {
    const { token, client } = await pair()
    client.answer(() => args)
    const response = await relay.go(token)
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      text,
    ])
    client.close()
  })

  test('loses the headers that would rule the origin', async () => {
    const { token, client } = await pair()
    const dangerous = {
      'Set-Cookie': 'token=stolen',
      'Service-Worker-Allowed': '/',
      'Clear-Site-Data': '"*"',
      'Strict-Transport-Security': 'max-age=1',
      'Alt-Svc': 'h2=":1"',
      'Content-Security-Policy': 'default-src *',
      'Content-Security-Policy-Report-Only': 'default-src *',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Credentials': 'true',
      'Content-Length': '3',
      'Transfer-Encoding': 'chunked',
      Connection: 'close',
      'Keep-Alive': 'timeout=1',
      'X-Content-Type-Options': 'sniff',
      'Cache-Control': 'public',
      'X-Relay-Delivery': 'mine',
    }
    client.answer(() => [200, 'longer than three', { ...dangerous, 'X-Kept': 'yes' }])
    const response = await relay.go(token)
    expect(await response.text()).toBe('longer than three')
    for (const name of [
      'set-cookie',
      'service-worker-allowed',
      'clear-site-data',
      'strict-transport-security',
      'alt-svc',
      'content-security-policy-report-only',
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'transfer-encoding',
    ])
      expect(response.headers.get(name), name).toBeNull()
    expect(response.headers.get('x-kept')).toBe('yes')
    expect(response.headers.get('x-relay-delivery')).toBe('delivered')
    expect(guards(response)).toEqual(GUARDED)
    client.close()
  })

  test.each([
    [[199]],
    [[600]],
    [[101]],
    [[200.5]],
    [[1e9]],
    [[200, 'x', { 'a b': 'c' }]],
    [[200, 'x', { a: 'b\r\nc: d' }]],
    [[200, 'x', { a: {} }]],
    [[200, 'x', 'headers']],
  ])('%j is none: the answer is OK', async (args) => {
    const { token, client } = await pair()
    client.answer(() => args)
    const response = await relay.go(token)
    expect([response.status, await response.text()]).toEqual([200, 'OK'])
    expect(response.headers.get('x-relay-delivery')).toBe('delivered')
    client.close()
  })

  test('that comes too late changes nothing, and the answer was OK', async () => {
    const { token, client } = await pair()
    const response = await relay.go(token)
    expect([response.status, await response.text()]).toEqual([200, 'OK'])
    const { respond } = await client.next()
    respond(500, 'too late')
    client.answer(() => [200, 'in time'])
    expect(await (await relay.go(token)).text()).toBe('in time')
    client.close()
  })
})

describe('a connection that has never acknowledged anything and left one request unanswered', () => {
  test('is not waited for again until it does', async () => {
    const { token, client } = await pair()
    await relay.go(token, '/first')
    const start = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => relay.go(token, '/at-once')))
    expect(performance.now() - start).toBeLessThan(450)
    await client.next()
    const { respond } = await client.next()
    respond(200, 'late, but it does')
    for (let index = 0; index < 19; index++) await client.next()
    client.answer(() => [200, 'waited for'])
    await expect.poll(async () => (await relay.go(token)).text()).toBe('waited for')
    client.close()
  })

  test('is waited for where it acknowledged before', async () => {
    const { token, client } = await pair()
    const first = relay.go(token)
    ;(await client.next()).respond(200, 'once')
    expect(await (await first).text()).toBe('once')
    await relay.go(token, '/unanswered')
    await client.next()
    const third = relay.go(token)
    ;(await client.next()).respond(200, 'again')
    expect(await (await third).text()).toBe('again')
    client.close()
  })
})

describe('every answer below /go', () => {
  test.each([
    ['404 of an unknown token', '/v1/go/nosuchtoken', {}],
    ['404 without a token', '/go', {}],
    ['404 without a token but a slash', '/v1/go/', {}],
    ['404 of what cannot be decoded', '/go/%zz', {}],
    ['404 of another method', '/go/nosuchtoken', { method: 'OPTIONS' }],
    ['404 of HEAD', '/v1/go/nosuchtoken', { method: 'HEAD' }],
    ['413', '/v1/go/nosuchtoken', { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024 + 1) }],
    ['403', '/v1/go/nosuchtoken', { headers: { 'service-worker': 'script' } }],
  ])('carries the guards: %s', async (what, path, init: RequestInit) => {
    const response = await fetch(relay.url + path, init)
    expect(response.status).toBe(Number(what.slice(0, 3)))
    expect(guards(response)).toEqual(GUARDED)
  })

  test('carries the guards: queued', async () => {
    expect(guards(await relay.go(await relay.token()))).toEqual(GUARDED)
  })
})

test('a service worker’s script is refused and not forwarded', async () => {
  const { token, client } = await pair()
  client.answer(() => [200, 'self.onfetch = steal', { 'content-type': 'text/javascript' }])
  const response = await relay.go(token, '/sw.js', { headers: { 'service-worker': 'script' } })
  expect(response.status).toBe(403)
  expect(await response.text()).not.toContain('steal')
  client.close()
})

test.each(['HEAD', 'OPTIONS', 'PROPFIND'])('%s is not forwarded', async (method) => {
  const { token, client } = await pair()
  expect((await relay.go(token, '/never', { method })).status).toBe(404)
  client.answer(() => [200, 'x'])
  await relay.go(token, '/after')
  expect(client.drain()).toEqual([])
  client.close()
})

test('a client that is not connected: 200 OK, and the header says queued', async () => {
  const token = await relay.token()
  const response = await relay.go(token)
  expect([response.status, await response.text(), response.headers.get('x-relay-delivery')]).toEqual([
    200,
    'OK',
    'queued',
  ])
})
