import { fileURLToPath } from 'node:url'
import { type Running, start } from '@switchboard/testing/process'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from './support/client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const SECRET = 'nobody signs anything with this one which is long enough'
const WITHIN_MS = 15_000

const delivery = (response: Response) => response.headers.get('x-relay-delivery')

describe.skipIf(!findServer('redis-server'))('a process that is killed', () => {
  const stack = new AsyncDisposableStack()
  let redis: LiveRedis
  let dir: string
  let survivor: Running
  beforeAll(async () => {
    redis = stack.use(await liveRedis())
    dir = stack.use(await tempDir()).path
    survivor = await run()
  })
  afterAll(() => stack.disposeAsync())

  /** Without a database, and beside others on one folder. */
  const run = async () =>
    stack.use(
      await start(MAIN, { REDIS_URL: redis.url, DATA_DIR: dir, JWT_SECRET: SECRET, LOG_LEVEL: 'trace' }),
    )
  const newToken = async () => (await fetch(`${survivor.url}/v1/new`)).text()
  const go = (token: string, path: string) => fetch(`${survivor.url}/v1/go/${token}${path}`)

  test.each(['websocket', 'polling'] as const)(
    'loses no request: its %s client finds them in order at another one within 15 s, and nobody else notices',
    async (transport) => {
      const doomed = await run()
      const [token, other] = [await newToken(), await newToken()]
      await using client = await connect(doomed.url, token, { transport })
      await using bystander = await connect(survivor.url, other, { transport })
      bystander.answer(({ path }) => [200, path])

      const given = go(token, '/given')
      await client.next()
      await doomed.stop('SIGKILL')
      const killed = performance.now()
      for (const path of ['/1', '/2', '/3']) {
        expect(delivery(await go(token, path))).toBe('queued')
        expect(await (await go(other, path)).text()).toBe(path)
      }
      expect(delivery(await given)).toBe('queued')
      await using next = await connect(survivor.url, token, { transport })
      const paths: string[] = []
      next.answer(({ path }) => {
        paths.push(path)
        return [200, path]
      })
      expect(await (await go(token, '/live')).text()).toBe('/live')
      expect(performance.now() - killed).toBeLessThan(WITHIN_MS)
      expect(paths).toEqual(['/given', '/1', '/2', '/3', '/live'])
      for (const secret of [token, other]) expect(survivor.output() + doomed.output()).not.toContain(secret)
    },
  )

  test('leaves its tokens to whoever comes at once, and to none who comes twice', async () => {
    const doomed = await run()
    const token = await newToken()
    await using client = await connect(doomed.url, token)
    await doomed.stop('SIGKILL')
    await client.gone()
    await using first = await connect(survivor.url, token)
    await using second = await connect(survivor.url, token)
    await first.gone()
    second.answer(() => [200, 'second'])
    expect(await (await go(token, '/')).text()).toBe('second')
  })

  test('that only hung is told of what it lost when it wakes up', async () => {
    const hung = await run()
    const token = await newToken()
    await using client = await connect(hung.url, token)
    hung.child.kill('SIGSTOP')
    await using next = await connect(survivor.url, token)
    next.answer(() => [200, 'next'])
    expect(await (await go(token, '/')).text()).toBe('next')
    hung.child.kill('SIGCONT')
    await client.gone()
    expect(await (await fetch(`${hung.url}/v1/go/${token}`)).text()).toBe('next')
  })
})
