import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Accounts } from '../src/accounts.ts'
import { REVOKED_TOPIC } from '../src/broker.ts'
import type { Who } from '../src/tokens.ts'
import { type House, openHouse } from './support/house.ts'
import { expectOk, expectRefused } from './support/result.ts'

let house: House
let app: FastifyInstance
let first: { accounts: Accounts }
let second: { accounts: Accounts }
let otherApp: FastifyInstance
beforeAll(async () => {
  house = await openHouse()
  first = house.process()
  second = house.process()
  app = await house.app({ revocations: first.accounts.revocations })
  otherApp = await house.app({ revocations: second.accounts.revocations })
})
afterAll(() => house[Symbol.asyncDispose]())

const HOUR = { ttlSeconds: 3600 }

test('a revoked token is refused by every process at once, others of that person are not', async () => {
  const alice = await house.person()
  const { token, who } = app.tokens.issue(alice, HOUR)
  const other = app.tokens.issue(alice, HOUR)
  expect((await otherApp.tokens.verify(token)).ok).toBe(true)
  expect(await app.tokens.revoke(who)).toBe(true)
  expect(expectRefused(await app.tokens.verify(token))).toBe('INVALID')
  expect(expectRefused(await otherApp.tokens.verify(token))).toBe('INVALID')
  expect((await otherApp.tokens.verify(other.token)).ok).toBe(true)
})

test('of twenty who revoke one token at once, in two processes, one hears that it was good', async () => {
  const { who } = app.tokens.issue(await house.person(), HOUR)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? app : otherApp).tokens.revoke(who)),
  )
  expect(answers.filter(Boolean)).toHaveLength(1)
})

test('a token whose password was changed meanwhile was good no more', async () => {
  const alice = await house.person()
  const { who } = app.tokens.issue(alice, HOUR)
  expectOk(await first.accounts.setPassword(alice.id, 'new'))
  expect(await app.tokens.revoke(who)).toBe(false)
})

describe('a changed password', () => {
  test('revokes every token of that person in every process and for every audience', async () => {
    const nemesis = await house.app({ audience: 'nemesis' })
    const alice = await house.person()
    const bob = await house.person()
    const tokens = [app, otherApp, nemesis].map((one) => one.tokens.issue(alice, HOUR).token)
    const bobs = app.tokens.issue(bob, HOUR).token
    expectOk(await first.accounts.setPassword(alice.id, 'new'))
    for (const [index, one] of [app, otherApp, nemesis].entries()) {
      expect(expectRefused(await one.tokens.verify(tokens[index] ?? ''))).toBe('INVALID')
    }
    expect((await otherApp.tokens.verify(bobs)).ok).toBe(true)
  })

  test('leaves the log-in right after it good, in the same second', async () => {
    const alice = await house.person()
    for (const password of ['one', 'two', 'three']) {
      expectOk(await first.accounts.setPassword(alice.id, password))
      const back = expectOk(await second.accounts.verify(alice.username, password))
      expect((await app.tokens.verify(app.tokens.issue(back, HOUR).token)).ok).toBe(true)
    }
  })

  test('also revokes what a log-in with the old one makes of it afterwards', async () => {
    const alice = await house.person()
    const early = expectOk(await first.accounts.verify(alice.username, 'secret'))
    expectOk(await second.accounts.setPassword(alice.id, 'new'))
    expect(expectRefused(await app.tokens.verify(app.tokens.issue(early, HOUR).token))).toBe('INVALID')
  })

  test('is not undone by a log-in that hashes the old one anew at that moment', async () => {
    const { hash } = await import('@node-rs/argon2')
    const alice = await house.person()
    const weak = await hash('secret', { memoryCost: 8, timeCost: 1 })
    await house.database.transaction((session) =>
      session.query('UPDATE accounts.account SET password_hash = $1 WHERE id = $2', [weak, alice.id]),
    )
    await Promise.all([
      ...Array.from({ length: 5 }, () => first.accounts.verify(alice.username, 'secret')),
      second.accounts.setPassword(alice.id, 'new'),
    ])
    expect((await first.accounts.verify(alice.username, 'new')).ok).toBe(true)
  })
})

test('many tokens are looked up at once, whatever their mixture', async () => {
  const alice = await house.person()
  const bob = await house.person()
  const good = app.tokens.issue(alice, HOUR).who
  const revoked = app.tokens.issue(alice, HOUR).who
  const old = app.tokens.issue(bob, HOUR).who
  const nobody: Who = { ...good, accountId: 999_999, jti: randomUUID() }
  await app.tokens.revoke(revoked)
  expectOk(await first.accounts.setPassword(bob.id, 'new'))
  const { findRevoked } = second.accounts.revocations
  expect(await findRevoked([good, revoked, old, nobody, good])).toEqual([revoked, old, nobody])
  expect(await findRevoked([])).toEqual([])
})

test('every process is told, with nothing in it that could be used as a token', async () => {
  const { broker } = house.process()
  const heard: string[] = []
  await broker.subscribe(REVOKED_TOPIC, ({ payload }) => heard.push(payload.toString()))
  const alice = await house.person()
  const { who } = app.tokens.issue(alice, HOUR)
  await app.tokens.revoke(who)
  await app.tokens.revoke(who)
  expectOk(await first.accounts.setPassword(alice.id, 'new'))
  await first.accounts.revokeAll(alice.id)
  await new Promise((resolve) => setImmediate(resolve))
  const ofAlice = heard.map((text) => JSON.parse(text)).filter(({ account }) => account === alice.id)
  expect(ofAlice).toEqual([
    { account: alice.id, jti: who.jti },
    { account: alice.id, generation: 1 },
    { account: alice.id, generation: 2 },
  ])
})

test('tokens that ran out an hour ago are forgotten, so that the table stays small', async () => {
  const rows = () =>
    house.database.transaction((session) => session.query('SELECT jti FROM accounts.revoked_token'))
  const alice = await house.person()
  const past: Who = { ...app.tokens.issue(alice, HOUR).who, expiresAt: Date.now() - 2 * 3600 * 1000 }
  await app.tokens.revoke(past)
  const recent = app.tokens.issue(alice, HOUR).who
  await app.tokens.revoke(recent)
  const kept = (await rows()).map((row) => row['jti'])
  expect(kept).toContain(recent.jti)
  expect(kept).not.toContain(past.jti)
})
