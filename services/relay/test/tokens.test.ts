import { type Database, openDatabase } from '@switchboard/kit/database'
import { inMemory } from '@switchboard/testing/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../src/store/client.ts'
import { connect, open } from './support/client.ts'
import { startRelay } from './support/installation.ts'

describe('a token', () => {
  let database: Database
  beforeAll(async () => {
    database = await openDatabase(await inMemory())
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('is answered bare, as text, and is kept by nobody on the way', async () => {
    await using relay = await startRelay({ database })
    for (const path of ['/v1/new', '/new']) {
      const response = await fetch(relay.url + path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.text()).toMatch(/^[a-z0-9]{26}$/)
    }
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE'])
      expect((await fetch(`${relay.url}/v1/new`, { method })).status).toBe(404)
  })

  test('is different each time', async () => {
    await using relay = await startRelay({ database, limits: false })
    const tokens = await Promise.all(Array.from({ length: 100 }, () => relay.token()))
    expect(new Set(tokens).size).toBe(100)
  })

  test('is good at /new, /refresh and /go, with /v1 and without', async () => {
    await using relay = await startRelay({ database })
    const token = await (await fetch(`${relay.url}/new`)).text()
    await using client = await connect(relay.url, token)
    client.answer(({ url }) => [200, url])
    for (const prefix of ['', '/v1']) {
      const refreshed = await fetch(`${relay.url}${prefix}/refresh/${token}`)
      expect([refreshed.status, await refreshed.text()]).toEqual([200, 'OK'])
      expect(await (await fetch(`${relay.url}${prefix}/go/${token}/x?y=1`)).text()).toBe('/x?y=1')
    }
  })

  test.each(['nosuchtoken0123456789abcdef', 'UPPER', '-', 'a%00b', '__proto__', 'constructor'])(
    '%s is not found',
    async (token) => {
      await using relay = await startRelay({ database })
      for (const path of [`/v1/refresh/${token}`, `/refresh/${token}`, `/v1/go/${token}`, `/go/${token}/a`]) {
        const response = await fetch(relay.url + path)
        expect(response.status, path).toBe(404)
      }
    },
  )

  test('ends after its time: it is not found, and its client is disconnected', async () => {
    await using relay = await startRelay({ database, tokenTtlSeconds: 2 })
    const token = await relay.token()
    const made = performance.now()
    await using client = await connect(relay.url, token)
    client.answer(() => [200, 'alive'])
    expect(await (await relay.go(token)).text()).toBe('alive')
    await client.gone()
    expect(performance.now() - made).toBeGreaterThan(1_900)
    expect((await relay.go(token)).status).toBe(404)
    expect((await fetch(`${relay.url}/v1/refresh/${token}`)).status).toBe(404)
    const late = open(relay.url, `/${token}`)
    await expect(late.connected).rejects.toThrow('Invalid namespace')
    late.close()
  })

  test('that is refreshed lives its whole time again', async () => {
    await using relay = await startRelay({ database, tokenTtlSeconds: 3 })
    const token = await relay.token()
    await using client = await connect(relay.url, token)
    const ends = performance.now() + 3_000
    const refreshes: number[] = []
    const timer = setInterval(() => {
      void fetch(`${relay.url}/v1/refresh/${token}`).then(({ status }) => refreshes.push(status))
    }, 500)
    await expect.poll(() => performance.now() > ends + 1_500, { timeout: 10_000, interval: 100 }).toBe(true)
    clearInterval(timer)
    expect(refreshes.every((status) => status === 200)).toBe(true)
    client.answer(() => [200, 'alive'])
    expect(await (await relay.go(token)).text()).toBe('alive')
  })
})

describe('the limits of /new', () => {
  test('are 60 a minute from one address, then 429 with Retry-After', async () => {
    await using relay = await startRelay()
    for (let made = 0; made < 60; made++)
      expect((await fetch(`${relay.url}${made % 2 ? '/v1' : ''}/new`)).status).toBe(200)
    const refused = await fetch(`${relay.url}/v1/new`)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    const other = await fetch(`${relay.url}/v1/new`, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(other.status).toBe(200)
  })

  test('are 1,000 living tokens of one address, then 429 until the first of them ends', async () => {
    await using database = await openDatabase(await inMemory())
    await using relay = await startRelay({ database })
    const client = createClient(database.adapter('relay'))
    const expiresAt = new Date(Date.now() + 90_000)
    const maker = '127.0.0.1'
    await client.token.createMany({
      data: Array.from({ length: 1_000 }, (_, index) => ({ token: `living${index}`, maker, expiresAt })),
    })
    const refused = await fetch(`${relay.url}/v1/new`)
    expect(refused.status).toBe(429)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(60)
    expect(wait).toBeLessThanOrEqual(90)
    await client.token.update({ where: { token: 'living7' }, data: { expiresAt: new Date() } })
    expect((await fetch(`${relay.url}/v1/new`)).status).toBe(200)
    await client.$disconnect()
  })

  test('are off where the configuration says so', async () => {
    await using relay = await startRelay({ limits: false })
    for (let made = 0; made < 70; made++) expect((await fetch(`${relay.url}/new`)).status).toBe(200)
  })
})
