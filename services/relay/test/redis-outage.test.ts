import { inspect } from 'node:util'
import { redisConnector } from '@switchboard/kit/redis'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, test, vi } from 'vitest'
import { openStore } from '../src/store/open.ts'
import { connect, open } from './support/client.ts'
import { Installation, type Process, startRelay } from './support/installation.ts'

vi.setConfig({ testTimeout: 60_000 })

const delivery = (response: Response) => response.headers.get('x-relay-delivery')
const readiness = async ({ url }: Process) => (await fetch(`${url}/readyz`)).status
const isReady = (relay: Process) => expect.poll(() => readiness(relay), { timeout: 20_000 }).toBe(200)

/** What needs Redis says that it is away, in time and without a token in its words. */
async function isAway(relay: Process, absent: string): Promise<void> {
  expect(await readiness(relay)).toBe(503)
  expect((await fetch(`${relay.url}/healthz`)).status).toBe(200)
  for (const path of ['/v1/new', `/v1/refresh/${absent}`, `/v1/go/${absent}`]) {
    const response = await fetch(relay.url + path)
    expect(response.status, path).toBe(503)
    expect(await response.text()).not.toContain(absent)
  }
  const refused = open(relay.url, `/${absent}`)
  await expect(refused.connected).rejects.toThrow('Unavailable')
  refused.close()
}

describe.skipIf(!findServer('redis-server'))('Redis', () => {
  test('that stops: connected clients are served, the rest gets 503; back with its data, all is as it was', async () => {
    await using redis = await liveRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    await using relay = await startRelay({ redis: redis.url, ackPatienceMs: 1_000 })
    const [token, absent] = [await relay.token(), await relay.token()]
    await using client = await connect(relay.url, token)
    client.answer(({ path }) => [200, path])
    expect(delivery(await relay.go(absent, '/before'))).toBe('queued')
    await redis.kill()
    await isAway(relay, absent)
    expect(await (await relay.go(token, '/during')).text()).toBe('/during')
    await redis.start()
    await isReady(relay)
    expect(delivery(await relay.go(absent, '/after'))).toBe('queued')
    await using late = await connect(relay.url, absent)
    expect(await late.nextPaths(2)).toEqual(['/before', '/after'])
    expect(await (await relay.go(token, '/end')).text()).toBe('/end')
  })

  test('that loses what it had: tokens are gone, but for those whose clients are connected', async () => {
    await using redis = await liveRedis()
    await using installation = new Installation({ redis: redis.url })
    const [relay, other] = [await installation.start(), await installation.start()]
    const [token, absent] = [await relay.token(), await relay.token()]
    await using client = await connect(relay.url, token)
    client.answer(({ path }) => [200, path])
    await redis.stop()
    await redis.start()
    for (const one of [relay, other]) await isReady(one)
    expect((await relay.go(absent)).status).toBe(404)
    for (const one of [relay, other])
      await expect
        .poll(async () => (await one.go(token, '/still')).text(), { timeout: 15_000 })
        .toBe('/still')
    const next = await relay.token()
    expect(delivery(await relay.go(next, '/new'))).toBe('queued')
    await using late = await connect(other.url, next)
    expect(await late.nextPaths(1)).toEqual(['/new'])
    // Sessions are found again too.
    const handshake = await fetch(`${relay.url}/socket.io/?EIO=4&transport=polling`)
    const { sid } = JSON.parse((await handshake.text()).slice(1)) as { sid: string }
    const poll = { method: 'POST', body: '41' }
    const passed = () => fetch(`${other.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, poll)
    await expect.poll(async () => (await passed()).status).toBe(200)
  })

  test('that hangs: connected clients are served at once, the rest gets 503 in time, and nothing is lost', async () => {
    await using redis = await liveRedis()
    await using relay = await startRelay({ redis: redis.url })
    const [token, absent] = [await relay.token(), await relay.token()]
    await using client = await connect(relay.url, token)
    client.answer(({ path }) => [200, path])
    expect(delivery(await relay.go(absent, '/before'))).toBe('queued')
    redis.pause()
    const start = performance.now()
    expect(await (await relay.go(token, '/during')).text()).toBe('/during')
    expect(performance.now() - start).toBeLessThan(1_500)
    await isAway(relay, absent)
    redis.resume()
    await isReady(relay)
    await using late = await connect(relay.url, absent)
    expect(await late.nextPaths(1)).toEqual(['/before'])
    expect(await (await relay.go(token, '/end')).text()).toBe('/end')
  })

  test('that is away when a process starts: it starts, says that it is not ready, and is when Redis comes', async () => {
    await using redis = await liveRedis()
    await redis.stop()
    await using relay = await startRelay({ redis: redis.url })
    expect(await readiness(relay)).toBe(503)
    await redis.start()
    await isReady(relay)
    const token = await relay.token()
    await using client = await connect(relay.url, token)
    client.answer(() => [200, 'here'])
    expect(await (await relay.go(token)).text()).toBe('here')
  })

  test('that is away is told of without a word of what it was asked', async () => {
    await using redis = await liveRedis()
    const limits = { requests: 1, bytes: 1e6, totalBytes: 1e6 }
    const store = await openStore(
      { connect: redisConnector(redis.url) },
      { limits, now: Date.now, dropped: () => {} },
    )
    const ask = [
      () => store.tokens.find('secrettoken', 0),
      () => store.tokens.refresh('secrettoken', { expiresAt: 1, now: 0 }),
      () => store.tokens.add({ token: 'secrettoken', maker: 'x', expiresAt: 1 }, { most: 1, now: 0 }),
      () => store.queue.append('secrettoken', { head: 'secret', body: Buffer.from('secret') }),
      () => store.queue.read('secrettoken', 0n, 1),
      () => store.queue.remove('secrettoken', [1n]),
      () => store.queue.sweep(),
    ]
    await redis.stop()
    for (const one of ask) {
      const error = await one().catch((error: unknown) => error)
      expect(error).toMatchObject({ name: 'RedisAway', statusCode: 503 })
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret')
    }
    await store.close()
  })
})
