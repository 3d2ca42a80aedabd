import { readdir } from 'node:fs/promises'
import { FOLDER, HEADERS } from '@switchboard/console/serving'
import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderNginx } from '../src/render.ts'
import { startBackends } from './backends.ts'
import { raw, rawGet } from './raw.ts'

describe.skipIf(findServer('nginx') === undefined)('nginx with the console', () => {
  let backends: Awaited<ReturnType<typeof startBackends>>
  let nginx: LiveNginx
  let asset = ''

  beforeAll(async () => {
    backends = await startBackends()
    nginx = await liveNginx((place) =>
      renderNginx({ ...place, upstreams: backends.upstreams, console: FOLDER }),
    )
    asset = (await readdir(`${FOLDER}/assets`)).find((name) => name.endsWith('.js')) ?? ''
  })
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]()
    await backends[Symbol.asyncDispose]()
  })

  test.each(['/', '/?x=1'])('has the page at %s, with its policy, to be asked for again', async (path) => {
    const answer = await fetch(nginx.url + path)
    for (const [name, value] of Object.entries(HEADERS)) expect(answer.headers.get(name)).toBe(value)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(await answer.text()).toContain(`<title>Switchboard</title>`)
    const ifNoneMatch = { 'if-none-match': answer.headers.get('etag') ?? '' }
    expect((await fetch(nginx.url + path, { headers: ifNoneMatch })).status).toBe(304)
  })

  test('hands out assets for ever, compressed to who takes that', async () => {
    const packed = await fetch(`${nginx.url}/assets/${asset}`)
    expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(packed.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('vary')).toBe('Accept-Encoding')
    for (const [name, value] of Object.entries(HEADERS)) expect(packed.headers.get(name)).toBe(value)
    const plain = await fetch(`${nginx.url}/assets/${asset}`, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await plain.text()).toBe(await packed.text())
  })

  test.each([
    '/index.html',
    '/assets',
    '/assets/',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets/nothing.js',
    '//',
    '/console',
    '/nowhere',
  ])('%s is nobody’s', async (path) => {
    const { status, body } = await rawGet(nginx.port, path)
    expect({ status, body }).toEqual({
      status: 404,
      body: JSON.stringify({ error: 'no service answers at this path' }),
    })
  })

  test('only reads: anything else at the page’s paths is nobody’s', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await fetch(nginx.url, { method })).status).toBe(404)
    const { status } = await raw(nginx.port, 'HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(status).toBe(200)
  })

  test('leaves the services where they are', async () => {
    expect(await (await fetch(`${nginx.url}/auth`)).json()).toMatchObject({
      service: 'nemesis',
      url: '/auth',
    })
  })
})
