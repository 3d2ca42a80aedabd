import { ROUTES, serviceOf } from '@switchboard/protocol/gateway'
import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { findServer } from '@switchboard/testing/servers'
import { connect } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderNginx } from '../src/render.ts'
import { type Seen, startBackends } from './backends.ts'
import { raw, rawGet } from './raw.ts'

/** What a client can write into a request's line that a router could misread. */
const piece = fc.oneof(
  fc.constantFrom(...Object.keys(ROUTES)),
  fc.constantFrom(
    '/',
    '//',
    '/.',
    '/..',
    '%2F',
    '%2e%2e',
    '?',
    '#',
    ';',
    '&',
    '=',
    '/healthz',
    '/metrics',
    '/nobody',
  ),
  fc.constantFrom(
    '/chat',
    '/relay',
    '%5Bfoo%5D',
    '%7B',
    '%25',
    '%',
    '~',
    '@',
    '$uri',
    '\\',
    '|',
    "'",
    '*',
    '+',
  ),
  fc.stringMatching(/^[a-z0-9]{1,4}$/),
)
const target = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => `/${pieces.join('')}`.replace(/^\/\//, '/'))

describe.skipIf(findServer('nginx') === undefined)('nginx', () => {
  let backends: Awaited<ReturnType<typeof startBackends>>
  let nginx: LiveNginx

  beforeAll(async () => {
    backends = await startBackends()
    nginx = await liveNginx((place) => renderNginx({ ...place, upstreams: backends.upstreams }))
  })
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]()
    await backends[Symbol.asyncDispose]()
  })

  async function ask(url: string): Promise<{ status: number; seen: Seen | undefined }> {
    const { status, body } = await rawGet(nginx.port, url)
    return { status, seen: status === 200 ? (JSON.parse(body) as Seen) : undefined }
  }

  test.each(Object.entries(ROUTES))('hands %s to %s, with all that is below it', async (path, service) => {
    for (const url of [path, `${path}?a=/x`, `${path}/`, `${path}/below?a=1`]) {
      expect((await ask(url)).seen).toMatchObject({ service, url })
    }
  })

  test.each([
    '/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/nowhere',
    '/authx',
    '/api/v1',
    '/chat',
    '/nobody',
    '/constructor',
    '/%61uth',
    '/?/auth',
  ])('has nobody for %s, and says so as the in-process gateway does', async (path) => {
    const { status, head, body } = await rawGet(nginx.port, path)
    expect({ status, body }).toEqual({
      status: 404,
      body: JSON.stringify({ error: 'no service answers at this path' }),
    })
    expect(head).toMatch(/content-type: application\/json; charset=utf-8/i)
  })

  test('and the table agree on any path, and the service sees it as the client wrote it', async () => {
    await fc.assert(
      fc.asyncProperty(target, async (url) => {
        const { status, seen } = await ask(url)
        // What is no path for nginx, above the root or with half a code: nobody gets to see it.
        if (status === 400) {
          expect(url).toMatch(/%|\.\./)
          return
        }
        const service = serviceOf(url)
        expect(status).toBe(service === undefined ? 404 : 200)
        if (service !== undefined) expect(seen).toMatchObject({ service, url })
      }),
      { numRuns: 400 },
    )
  })

  test.each([
    '/chat/login/%5Bfoo%5D',
    '/chat/login/%7Bfoo%7D%5C%60%7C%5E',
    '/chat/login/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82',
    '/v1/go/abc/a//b/%2F/../c/%2e%2e/d?x=%20&y=/auth#z',
    '/api/v1/rooms/a%2Fb/messages/ws',
  ])('hands on %s byte for byte', async (url) => {
    expect((await ask(url)).seen?.url).toBe(url)
  })

  test.each([
    ['/api/v1/socket?token=x', 'ide'],
    ['/api/v1/rooms/lobby/messages/ws', 'chat'],
    ['/api/v1/presence/ws', 'chat'],
    ['/socket.io/?EIO=4&transport=websocket', 'relay'],
    ['/chat/login/%5Balice%5D', 'channels'],
  ])('hands the WebSocket %s to %s, and frames both ways', async (url, service) => {
    await using client = await connect(`ws://127.0.0.1:${nginx.port}${url}`, { protocols: ['a.b.c'] })
    expect(await client.nextJson()).toMatchObject({ service, url })
    expect(client.ws.protocol).toBe('a.b.c')
    client.send('x'.repeat(100_000))
    expect(await client.next()).toHaveLength(100_000)
  })

  test('refuses a WebSocket that is nobody’s', async () => {
    await expect(connect(`ws://127.0.0.1:${nginx.port}/metrics`)).rejects.toThrow('404')
  })

  test('takes an upgrade to something else than a WebSocket for an ordinary request', async () => {
    const { status, body } = await raw(
      nginx.port,
      'GET /auth HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
    )
    expect(status).toBe(200)
    expect((JSON.parse(body) as Seen).headers).not.toHaveProperty('upgrade')
  })

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('hands on %s', async (method) => {
    const answer = await fetch(`${nginx.url}/v1/go/abc`, { method })
    expect(await answer.json()).toMatchObject({ method, service: 'relay' })
  })
})
