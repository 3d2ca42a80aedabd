import { fileURLToPath } from 'node:url'
import { accountPlace } from '@switchboard/protocol/between'
import { livePostgres } from '@switchboard/testing/postgres'
import { start } from '@switchboard/testing/process'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, test } from 'vitest'
import { type Ide, openIde } from './support/ide.ts'
import { install, SECRET } from './support/installation.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** What a lease lives, and what a busy machine takes on top of it. */
const WITHIN_MS = 15_000
const PATIENCE_MS = WITHIN_MS + 10_000

const dies = async ({ client }: Ide) => JSON.parse((await client.next(PATIENCE_MS)).replace('died:|:', ''))

describe.skipIf(!findServer('redis-server') || !findServer('postgres'))('a process that is killed', () => {
  test('has its people die once each within 15 s, and nobody else notices anything', async () => {
    await using stack = new AsyncDisposableStack()
    const redis = stack.use(await liveRedis())
    const database = await stack.use(await livePostgres()).createDatabase()
    const installation = stack.use(await install({ database, redis: redis.url }))
    const one = installation.first
    const two = await installation.start('two')
    const doomed = stack.use(
      await start(MAIN, {
        DATABASE_URL: database,
        REDIS_URL: redis.url,
        JWT_SECRET: SECRET,
        LOG_LEVEL: 'silent',
      }),
    )
    const [ann, ben, cas] = await Promise.all(['Ann', 'Ben', 'Cas'].map(installation.signUp))
    if (!ann || !ben || !cas) throw new Error('nobody signed up')
    const inSpace = { space: 'doomed' }
    const open = async (url: string, person: typeof ann, space = {}) =>
      stack.use(await openIde(url, { ...person, ...space }))

    const first = await open(one.wsUrl, ann, inSpace)
    const second = await open(two.wsUrl, ann, inSpace)
    const survivor = await open(two.wsUrl, ben, inSpace)
    expect(await first.hear()).toMatchObject(['joined', { user: 'Ben' }])
    for (const person of [ben, cas, cas]) await open(doomed.wsUrl, person, inSpace)
    expect(await first.hear()).toMatchObject(['joined', { user: 'Cas' }])
    expect(await survivor.hear()).toMatchObject(['joined', { user: 'Cas' }])
    expect(await first.list('doomed')).toEqual(['Ben', 'Cas'])
    await second.heard()

    const killed = performance.now()
    await doomed.stop('SIGKILL')
    expect(await Promise.all([first, second, survivor].map(dies))).toEqual(
      Array.from({ length: 3 }, () => ({ user: 'Cas', space: 'doomed' })),
    )
    expect(performance.now() - killed).toBeLessThan(WITHIN_MS)
    expect(await first.list('doomed')).toEqual(['Ben'])
    first.say('send', { to: 'cas', data: 1 })
    expect(await first.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])
    first.say('send', { to: 'ben', data: 'still here' })
    expect(await survivor.hear()).toEqual(['msg', { from: 'Ann', data: 'still here' }])
    const timeout = WITHIN_MS - (performance.now() - killed)
    await expect.poll(() => one.presence.list(accountPlace('cas')), { timeout }).toEqual([])
    await expect.poll(() => one.presence.list(accountPlace('ben')), { timeout }).toHaveLength(1)
    for (const ide of [first, second, survivor]) expect(await ide.heard()).toEqual([])

    // As after any restart.
    await open(two.wsUrl, cas, inSpace)
    expect(await first.hear()).toEqual(['joined', { user: 'Cas', space: 'doomed' }])
    expect(await second.heard()).toHaveLength(1)
  }, 90_000)
})
