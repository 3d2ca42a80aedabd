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
