import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GENERATIONS } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let relay: Process & AsyncDisposable
beforeAll(async () => {
  relay = await startRelay()
})
afterAll(() => relay[Symbol.asyncDispose]())

/** Plain HTTP, so that no header is there that was not asked for. */
async function call(path: string, { method = 'GET', headers = {}, body = '' } = {}) {
  const request = httpRequest(relay.url + path, { method, headers })
  request.end(body)
  const [response] = await once(request, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode as number, text }
}

test('a client that knows the document alone works unmodified', async () => {
  // get /v1/new: 200, token
  const made = await call('/v1/new')
  expect(made.status).toBe(200)
  const token = made.text

  // socket server/namespace: http://server/token
  const socket = GENERATIONS['1.4.8'](`${relay.url}/${token}`, { forceNew: true, reconnection: false })
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()))
  const requests: unknown[] = []
  const arrival = Promise.withResolvers<void>()
  // socket.on('request', function(req)): one argument, no acknowledgement.
  socket.on('request', (req) => {
    requests.push(req)
    arrival.resolve()
  })

  // get /v1/go/token: 200, OK
  const headers = { 'user-agent': 'Mozilla/5.0', accept: 'text/html', 'accept-language': 'en-us' }
  const got = await call(`/v1/go/${token}?somevar1=somevalue1`, { headers })
  expect(got).toEqual({ status: 200, text: 'OK' })
  await arrival.promise
  expect(requests[0]).toMatchObject({ headers, params: { token, somevar1: 'somevalue1' } })
  expect((requests[0] as { params: object }).params).toEqual({ token, somevar1: 'somevalue1' })
  expect((requests[0] as { headers: object }).headers).toMatchObject({
    host: new URL(relay.url).host,
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
  })

  // post /v1/go/token: 200, OK; JSON, query and form values are params
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":{"b":1}}' }
  expect(await call(`/v1/go/${token}?c=2`, json)).toEqual({ status: 200, text: 'OK' })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await call(`/v1/go/${token}`, { method: 'POST', headers: form, body: 'd=3&e=4+5' })).toEqual({
    status: 200,
    text: 'OK',
  })
  expect(requests[1]).toMatchObject({ params: { token, a: { b: 1 }, c: '2' }, body: { a: { b: 1 } } })
  expect(requests[2]).toMatchObject({ params: { token, d: '3', e: '4 5' }, body: { d: '3', e: '4 5' } })

  // get /v1/refresh/token: 200, OK; 404, not found
  expect(await call(`/v1/refresh/${token}`)).toEqual({ status: 200, text: 'OK' })
  expect((await call('/v1/refresh/nosuchtoken')).status).toBe(404)

  // If a second attempt to connect is made, the first connection is disconnected.
  const first = new Promise((resolve) => socket.on('disconnect', resolve))
  const second = GENERATIONS['2.5.0'](`${relay.url}/${token}`, { forceNew: true, reconnection: false })
  await new Promise<void>((resolve) => second.on('connect', () => resolve()))
  await first
  second.disconnect()
})

test('a document-only client that never acknowledges is waited for once', async () => {
  const token = await relay.token()
  const socket = GENERATIONS['4.8'](`${relay.url}/${token}`, { forceNew: true, reconnection: false })
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()))
  const came: unknown[] = []
  socket.on('request', (req) => came.push((req as { path: string }).path))
  const start = performance.now()
  const first = await relay.go(token, '/1')
  expect(performance.now() - start).toBeGreaterThan(4_900)
  expect([first.status, await first.text(), first.headers.get('x-relay-delivery')]).toEqual([
    200,
    'OK',
    'delivered',
  ])
  const again = performance.now()
  for (let index = 2; index <= 20; index++) expect((await relay.go(token, `/${index}`)).status).toBe(200)
  expect(performance.now() - again).toBeLessThan(4_000)
  await expect.poll(() => came.length).toBe(20)
  expect(came).toEqual(Array.from({ length: 20 }, (_, index) => `/${index + 1}`))
  socket.disconnect()
})
