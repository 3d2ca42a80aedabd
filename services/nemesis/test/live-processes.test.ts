import { fileURLToPath } from 'node:url'
import { livePostgres } from '@switchboard/testing/postgres'
import { start } from '@switchboard/testing/process'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, it } from 'vitest'
import { openHouse, request, SECRET } from './support/house.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

interface Credentials {
  username: string
  password: string
}

const form = (fields: object) => ({ method: 'POST', body: new URLSearchParams({ ...fields }) })

async function tokenOf(url: string, credentials: Credentials): Promise<string> {
  const { status, body } = await request(`${url}/auth`, form(credentials))
  expect(status).toBe(200)
  return (body as { token: string }).token
}

const college = async (url: string, token: string) =>
  (await request(`${url}/college`, { headers: { authorization: `Bearer ${token}` } })).status

describe.skipIf(!findServer('redis-server') || !findServer('postgres'))('two processes on Redis', () => {
  it('refuse a token at once that the other took back, also while Redis is away', async () => {
    await using stack = new AsyncDisposableStack()
    const redis = stack.use(await liveRedis())
    const database = await stack.use(await livePostgres()).createDatabase()
    const house = stack.use(await openHouse({ url: database }))
    const leader = await house.add({ userid: 'leader', roles: ['team-leader'], colleges: ['college-1'] })
    const env = { DATABASE_URL: database, REDIS_URL: redis.url, JWT_SECRET: SECRET, LOG_LEVEL: 'silent' }
    const processes = await Promise.all([start(MAIN, env), start(MAIN, env)])
    for (const process of processes) stack.use(process)
    const urls = processes.map(({ url }) => url)

    const tokens = await Promise.all(Array.from({ length: 12 }, (_, n) => tokenOf(urls[n % 2] ?? '', leader)))
    const takeBack = async (token: string, n: number) => {
      const [by = '', other = ''] = n % 2 ? urls : urls.toReversed()
      expect([await college(by, token), await college(other, token)]).toEqual([200, 200])
      expect((await request(`${by}/deauth`, form({ token }))).status).toBe(200)
      const after = await Promise.all([other, by, other, by].map((url) => college(url, token)))
      expect(after).toEqual([403, 403, 403, 403])
    }
    await Promise.all(tokens.slice(0, 10).map(takeBack))

    await redis.stop()
    await Promise.all(tokens.slice(10).map(takeBack))
  }, 90_000)
})
