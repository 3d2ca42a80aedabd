import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { findServer } from '@switchboard/testing/servers'
import { connect } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NginxOptions } from '../src/options.ts'
import { renderNginx } from '../src/render.ts'
import { type Seen, startBackends } from './backends.ts'

const FORGED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.test',
  'x-request-id': 'forged',
}

describe.skipIf(findServer('nginx') === undefined)('nginx', () => {
  let backends: Awaited<ReturnType<typeof startBackends>>
  let folder = ''
  const start = (options: Partial<NginxOptions> = {}): Promise<LiveNginx> =>
    liveNginx((place) => {
      folder = place.folder
      return renderNginx({ ...place, upstreams: backends.upstreams, ...options })
    })
  const ask = async (nginx: LiveNginx, headers: Record<string, string>) =>
    ((await (await fetch(`${nginx.url}/auth`, { headers })).json()) as Seen).headers

  beforeAll(async () => {
    backends = await startBackends()
  })
  afterAll(() => backends[Symbol.asyncDispose]())

  test('says who the client is, whatever he says himself', async () => {
    await using nginx = await start()
    expect(await ask(nginx, FORGED)).toMatchObject({
      host: `127.0.0.1:${nginx.port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${nginx.port}`,
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    await using client = await connect(`${nginx.url.replace('http', 'ws')}/ws`, { headers: FORGED })
    expect((await client.nextJson<Seen>()).headers['x-forwarded-for']).toBe('127.0.0.1')
  })

  test('behind a proxy that it trusts, believes that proxy, and not what came before it', async () => {
    await using nginx = await start({ trustedProxies: ['127.0.0.0/8'] })
    expect(await ask(nginx, { ...FORGED, 'x-forwarded-for': '10.0.0.1, 203.0.113.7' })).toMatchObject({
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    })
    expect(await ask(nginx, { 'x-forwarded-proto': 'javascript' })).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    })
  })

  test('trusts a proxy only where it is', async () => {
    await using nginx = await start({ trustedProxies: ['10.0.0.0/8'] })
    expect(await ask(nginx, FORGED)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    })
  })

  test('takes as long a line as the services do', async () => {
    await using nginx = await start()
    expect((await fetch(`${nginx.url}/auth?x=${'x'.repeat(12_000)}`)).status).toBe(200)
  })

  test('hands on all other headers, with underscores too, and keeps its connections to the service', async () => {
    await using nginx = await start()
    const { connection, ...headers } = await ask(nginx, { x_hub_signature: 'abc', authorization: 'Bearer x' })
    expect(headers).toMatchObject({ x_hub_signature: 'abc', authorization: 'Bearer x' })
    expect(connection).not.toBe('close')
  })

  test('tells nobody its version', async () => {
    await using nginx = await start()
    for (const path of ['/auth', '/nowhere', '/%zz']) {
      const answer = await fetch(`${nginx.url}${path}`)
      expect(answer.headers.get('server')).toBe('nginx')
      expect(await answer.text()).not.toMatch(/nginx\/\d/)
    }
  })

  test('writes down the route and the request id that the service saw, and no path, query or header', async () => {
    await using nginx = await start({ upstreams: { ...backends.upstreams, ide: ['127.0.0.1:1'] } })
    const before = backends.of.relay.seen.length
    await fetch(`${nginx.url}/v1/go/s3cret?token=s3cret`, { headers: { authorization: 's3cret' } })
    await fetch(`${nginx.url}/s3cret`)
    // Refused, too large: what nginx has errors for.
    await fetch(`${nginx.url}/ws?token=s3cret`)
    await fetch(`${nginx.url}/auth?s3cret`, { method: 'POST', body: 'x'.repeat(400_000) }).catch(() => {})
    const log = await readFile(join(folder, 'access.log'), 'utf8')
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const requestId = backends.of.relay.seen[before]?.headers['x-request-id']
    expect(lines.slice(0, 3)).toMatchObject([
      { requestId, client: '127.0.0.1', method: 'GET', route: '/v1', service: 'relay', status: 200 },
      { route: '', service: 'nobody', status: 404 },
      { route: '/ws', service: 'ide', status: 502 },
    ])
    expect(log + nginx.errors()).not.toContain('s3cret')
  })
})
