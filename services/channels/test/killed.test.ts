import { fileURLToPath } from 'node:url'
import { openDatabase } from '@switchboard/kit/database'
import { accountPlace } from '@switchboard/protocol/between'
import { loginPath } from '@switchboard/protocol/channels'
import { livePostgres } from '@switchboard/testing/postgres'
import { start } from '@switchboard/testing/process'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { type Client, connect } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { heard, join, SECRET, settled, World } from './support.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** What a lease lives, and what a busy machine takes on top of it. */
const WITHIN_MS = 15_000
const PATIENCE_MS = WITHIN_MS + 10_000

const PASSWORD = 'correct horse'

async function logouts(client: Client, count: number): Promise<unknown[]> {
  const seen: { user: string }[] = []
  while (seen.length < count) seen.push(JSON.parse(await client.next(PATIENCE_MS)))
  return seen.toSorted((a, b) => (a.user < b.user ? -1 : 1))
}

describe.skipIf(!findServer('redis-server') || !findServer('postgres'))('a process that is killed', () => {
  test('has its people logged out once each within 15 s, its nicknames free, and nobody else disturbed', async () => {
    await using stack = new AsyncDisposableStack()
    const redis = stack.use(await liveRedis())
    const url = await stack.use(await livePostgres()).createDatabase()
    const world = new World(stack.use(await openDatabase({ url, directory: '' })), { redis: redis.url })
    const a = stack.use(await world.process())
    const b = stack.use(await world.process())
    const doomed = stack.use(
      await start(MAIN, {
        DATABASE_URL: url,
        REDIS_URL: redis.url,
        JWT_SECRET: SECRET,
        LOG_LEVEL: 'silent',
      }),
    )
    const amy = stack.use(await a.login('amy'))
    const joe = stack.use(await b.login('joe'))
    const bob = stack.use(await connect(doomed.wsUrl + loginPath('Bob')))
    const known = stack.use(await connect(doomed.wsUrl + loginPath('Known')))
    known.send({ type: 1, password: PASSWORD })
    await known.until((text) => text === '{"type":1,"user":"Known"}')
    for (const client of [amy, joe, bob]) await join(client, '#a')
    await settled([amy, joe], [amy, joe, bob], '#a')

    const killed = performance.now()
    await doomed.stop('SIGKILL')
    const gone = ['Bob', 'Known'].map((user) => ({ type: 3, user }))
    expect(await Promise.all([amy, joe].map((client) => logouts(client, 2)))).toEqual([gone, gone])
    expect(performance.now() - killed).toBeLessThan(WITHIN_MS)
    for (const client of [amy, joe]) {
      client.send({ type: 6, channel: '#a' })
      expect(await client.nextJson()).toEqual({ type: 6, users: ['amy', 'joe'], channel: 'a' })
    }
    const timeout = WITHIN_MS - (performance.now() - killed)
    await expect.poll(() => a.presence.list(accountPlace('known')), { timeout }).toEqual([])

    await using again = await a.connect('bob')
    expect(await again.nextJson()).toEqual({ type: 2, user: 'bob' })
    expect(await again.nextJson()).toEqual({ type: 6, users: ['amy', 'joe', 'bob'] })
    for (const client of [amy, joe]) expect(await heard(client)).toEqual([{ type: 2, user: 'bob' }])
    for (const client of [amy, joe]) client.send({ type: 0, dest: '#a', message: 'still here' })
    for (const client of [amy, joe]) await client.until((text) => text.includes('"user":"joe"'))
    expect(await heard(again)).toEqual([])
  }, 90_000)
})
