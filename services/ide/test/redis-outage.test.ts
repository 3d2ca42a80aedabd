import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { AccountInfo, accountPlace } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import { inMemory } from '@switchboard/testing/pglite'
import { liveRedis } from '@switchboard/testing/redis'
import { REDIS_OUTAGES } from '@switchboard/testing/redis-outages'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ide, openIde } from './support/ide.ts'
import { install, type Process } from './support/installation.ts'

const OUTAGE_MS = 5000
/** Until all is as before: processes look for Redis once a second at least; busy machines take longer. */
const BACK = { timeout: 20_000, interval: 50 }
const SPACE = 'lobby'

const isReady = async ({ url }: Process) => (await fetch(`${url}/readyz`)).ok
const check = checker(AccountInfo)

/** The spaces that an account's connections are reported in. */
async function spacesOf({ presence }: Process, key: string): Promise<string[][]> {
  const entries = await presence.list(accountPlace(key))
  return entries.map(({ info }) => {
    const known = check(info)
    return known.ok ? known.value.places.map(({ name }) => name) : [known.error]
  })
}

let database: Database
beforeAll(async () => {
  database = await openDatabase(await inMemory())
})
afterAll(() => database[Symbol.asyncDispose]())

/** Four people in one space, two in each of two processes; and one who comes later. Their names begin with `prefix`. */
async function scene(prefix: string, args: string[] = []) {
  const stack = new AsyncDisposableStack()
  const redis = stack.use(await liveRedis({ args }))
  const installation = stack.use(await install({ database, redis: redis.url, limits: 'off' }))
  const one = installation.first
  const two = await installation.start('two')
  const open = async (name: string, { wsUrl }: Process) => {
    const person = await installation.signUp(prefix + name)
    return stack.use(await openIde(wsUrl, { ...person, space: SPACE }))
  }
  const ann = await open('Ann', one)
  const ben = await open('Ben', one)
  const cas = await open('Cas', two)
  const dee = await open('Dee', two)
  for (const [ide, joins] of [
    [ann, 3],
    [ben, 2],
    [cas, 1],
  ] as const)
    for (let n = 0; n < joins; n++) expect(await ide.hear()).toMatchObject(['joined', {}])
  return {
    redis,
    one,
    two,
    ann,
    ben,
    cas,
    dee,
    late: await installation.signUp(`${prefix}Late`),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function isRefused(connecting: Promise<Ide>): Promise<void> {
  const start = performance.now()
  await expect(connecting).rejects.toMatchObject({ status: 503 })
  expect(performance.now() - start).toBeLessThan(4000)
}

describe.skipIf(!findServer('redis-server'))('where Redis', () => {
  test.concurrent.for(REDIS_OUTAGES)(
    '%s, those who are in stay, and afterwards presence is whole',
    { timeout: 90_000 },
    async ([what, outage], { expect }) => {
      const prefix = `${what[3]}-`
      const named = (...names: string[]) => names.map((name) => prefix + name)
      await using at = await scene(prefix, outage.args)
      const { redis, one, two, ann, ben, cas, dee, late } = at
      const over = sleep(OUTAGE_MS)
      await outage.begin(redis)

      ann.say('send', { to: `${prefix}ben`, data: 'still here' })
      expect(await ben.hear()).toEqual(['msg', { from: `${prefix}Ann`, data: 'still here' }])
      dee.client.ws.close()
      cas.say('leave', { space: SPACE })
      await Promise.all([one, two].map(({ wsUrl }) => isRefused(openIde(wsUrl, late))))
      await expect.poll(() => Promise.all([one, two].map(isReady))).toEqual([false, false])
      ann.say('join', { space: 'another' })
      expect(await ann.hear()).toEqual(['error', { event: 'join', space: 'another', code: 'UNAVAILABLE' }])
      expect(await cas.heard()).toEqual([])
      await over
      await outage.end(redis)

      await expect.poll(() => Promise.all([one, two].map(isReady)), BACK).toEqual([true, true])
      const gone = named('Cas', 'Dee').map((user) => ['died', { user, space: SPACE }])
      for (const ide of [ann, ben])
        expect(new Set([await ide.hear(), await ide.hear()])).toEqual(new Set(gone))
      await expect.poll(() => ann.list(SPACE), BACK).toEqual(named('Ben'))
      expect(await cas.list(SPACE)).toEqual(named('Ann', 'Ben'))
      for (const ide of [ann, ben])
        expect(await ide.hear()).toEqual(['joined', { user: `${prefix}Cas`, space: SPACE }])
      ann.say('send', { to: `${prefix}cas`, data: 'again' })
      expect(await cas.hear()).toEqual(['msg', { from: `${prefix}Ann`, data: 'again' }])
      ann.say('send', { to: `${prefix}dee`, data: 'gone' })
      expect(await ann.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])

      await using newcomer = await openIde(two.wsUrl, { ...late, space: SPACE })
      expect(await newcomer.list(SPACE)).toEqual(named('Ann', 'Ben', 'Cas'))
      for (const ide of [ann, ben, cas]) {
        expect(await ide.hear()).toEqual(['joined', { user: `${prefix}Late`, space: SPACE }])
        expect(await ide.heard()).toEqual([])
      }
      for (const key of named('ann', 'ben', 'cas', 'late'))
        await expect.poll(() => spacesOf(one, key), BACK).toEqual([[SPACE]])
      expect(await spacesOf(two, `${prefix}dee`)).toEqual([])
    },
  )
})
