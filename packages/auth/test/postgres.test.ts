import { openDatabase } from '@switchboard/kit/database'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountsBehaviour } from './support/accounts-behaviour.ts'
import { accountsDatabase } from './support/database.ts'
import { type House, openHouse } from './support/house.ts'
import { expectOk, expectRefused } from './support/result.ts'

describe.skipIf(!findServer('postgres'))('on a PostgreSQL server', () => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await livePostgres()
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  accountsBehaviour(async () => accountsDatabase(await postgres.createDatabase()))

  test('in another time zone times are the same', async () => {
    const url = await postgres.createDatabase()
    const database = await openDatabase({ url, directory: '' })
    await database.transaction((session) =>
      session.script(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET timezone TO 'Asia/Kolkata'`),
    )
    await database[Symbol.asyncDispose]()
    await using house = await openHouse(url)
    const [zone] = await house.database.transaction((session) => session.query('SHOW timezone'))
    expect(zone).toEqual({ TimeZone: 'Asia/Kolkata' })
    const alice = await house.person()
    expect(Math.abs(alice.createdAt - Date.now())).toBeLessThan(60_000)
    const app = await house.app()
    for (const minutes of [-59, 1]) {
      const { who } = app.tokens.issue(alice, { ttlSeconds: minutes * 60 })
      expect(await app.tokens.revoke(who)).toBe(true)
      expect(await app.tokens.revoke(who)).toBe(false)
    }
    const rows = await house.database.transaction((session) =>
      session.query('SELECT 1 FROM accounts.revoked_token'),
    )
    expect(rows).toHaveLength(2)
  })

  describe('that goes away and comes back', () => {
    let house: House
    beforeAll(async () => {
      house = await openHouse(await postgres.createDatabase())
    })
    afterAll(() => house[Symbol.asyncDispose]())

    test('no token is accepted meanwhile, none is called invalid, and all is well afterwards', async () => {
      const app = await house.app()
      const { accounts } = house.process()
      const alice = await house.person()
      const good = app.tokens.issue(alice, { ttlSeconds: 60 })
      const revoked = app.tokens.issue(alice, { ttlSeconds: 60 })
      expect(await app.tokens.revoke(revoked.who)).toBe(true)
      await postgres.stop()
      try {
        expect(expectRefused(await app.tokens.verify(good.token))).toBe('UNAVAILABLE')
        expect(expectRefused(await app.tokens.verify(revoked.token))).toBe('UNAVAILABLE')
        expect(expectRefused(await app.tokens.verify('rubbish'))).toBe('INVALID')
        await expect(app.tokens.revoke(good.who)).rejects.toThrow()
        await expect(accounts.verify(alice.username, 'secret')).rejects.toThrow()
        await expect(accounts.create({ username: 'late', password: 'secret' })).rejects.toThrow()
      } finally {
        await postgres.start()
      }
      expectOk(await app.tokens.verify(good.token))
      expect(expectRefused(await app.tokens.verify(revoked.token))).toBe('INVALID')
      expectOk(await accounts.verify(alice.username, 'secret'))
      expectOk(await accounts.create({ username: 'late', password: 'secret' }))
    })

    test('of twenty who revoke one token at once, one hears that it was good', async () => {
      const app = await house.app()
      const otherApp = await house.app({ revocations: house.process().accounts.revocations })
      const { who } = app.tokens.issue(await house.person(), { ttlSeconds: 60 })
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? app : otherApp).tokens.revoke(who)),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
    })
  })
})
