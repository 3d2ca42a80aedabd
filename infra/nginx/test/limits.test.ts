import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NginxOptions } from '../src/options.ts'
import { renderNginx } from '../src/render.ts'
import { startBackends } from './backends.ts'
import { raw } from './raw.ts'

const KIB = 1024

describe.skipIf(findServer('nginx') === undefined)('nginx', () => {
  let backends: Awaited<ReturnType<typeof startBackends>>
  const start = (logins?: NginxOptions['logins']): Promise<LiveNginx> =>
    liveNginx((place) => renderNginx({ ...place, upstreams: backends.upstreams, ...(logins && { logins }) }))
  const statuses = async (nginx: LiveNginx, path: string, count: number) => {
    const answers = await Promise.all(
      Array.from({ length: count }, () => fetch(`${nginx.url}${path}`, { method: 'POST' })),
    )
    return answers.map(({ status }) => status)
  }

  beforeAll(async () => {
    backends = await startBackends()
  })
  afterAll(() => backends[Symbol.asyncDispose]())

  test.each([
    ['/api/v1/login', 256],
    ['/auth', 256],
    ['/v1/go/abc', 2048],
    ['/socket.io/?sid=x', 4096],
  ])('hands what is little too large for %s to the service, whose answer it is', async (path, kib) => {
    await using nginx = await start()
    const answer = await fetch(`${nginx.url}${path}`, { method: 'POST', body: 'x'.repeat(kib * KIB + 1) })
    expect(answer.status).toBe(200)
  })

  test.each([
    ['/api/v1/login', 400],
    ['/auth', 400],
    ['/v1/go/abc', 6000],
  ])('answers 413 to far more, at %s, whether its length is told or not', async (path, kib) => {
    await using nginx = await start()
    const told = await raw(
      nginx.port,
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${kib * KIB}\r\n\r\n`,
    )
    expect(told).toMatchObject({ status: 413, body: '{"error":"the request is too large"}' })
    const chunk = `${(64 * KIB).toString(16)}\r\n${'x'.repeat(64 * KIB)}\r\n`
    const untold = await raw(
      nginx.port,
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(kib / 64 + 1)}0\r\n\r\n`,
    )
    expect(untold.status).toBe(413)
  })

  test.each([
    '/api/v1/user/auth',
    '/api/v1/user/login',
    '/api/v1/user/signup',
    '/api/v1/user/%73ignup/?x=1',
    '/api/v1/users',
    '/api/v1/login',
    '/auth',
    '/userman/auth',
  ])('answers 429 to a flood of log-ins at %s, with a time to come back', async (path) => {
    await using nginx = await start({ perSecond: 1, burst: 4 })
    const seen = await statuses(nginx, path, 12)
    expect(seen.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5)
    expect(seen).toContain(429)
    const refused = await fetch(`${nginx.url}${path}`, { method: 'POST' })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toEqual({ error: 'too many requests; try again later' })
  })

  test('refuses nothing that the services would take: 160 log-ins and sign-ups at once', async () => {
    await using nginx = await start()
    const seen = await Promise.all([
      statuses(nginx, '/api/v1/user/signup', 60),
      statuses(nginx, '/api/v1/login', 100),
    ])
    expect(new Set(seen.flat())).toEqual(new Set([200]))
  })

  test('limits nothing else, and nothing at all where it is told so', async () => {
    await using nginx = await start({ perSecond: 1, burst: 1 })
    expect(new Set(await statuses(nginx, '/v1/go/abc', 30))).toEqual(new Set([200]))
    expect(new Set(await statuses(nginx, '/api/v1/users/12', 30))).toEqual(new Set([200]))
    await using unlimited = await start('off')
    expect(new Set(await statuses(unlimited, '/auth', 300))).toEqual(new Set([200]))
  })
})
