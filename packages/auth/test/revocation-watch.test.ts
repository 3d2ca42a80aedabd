import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../src/account.ts'
import type { Accounts } from '../src/accounts.ts'
import { publishRevocation, REVOKED_TOPIC } from '../src/broker.ts'
import { type RevocationWatch, watchRevocations } from '../src/revocation-watch.ts'
import type { Who } from '../src/tokens.ts'
import { type House, openHouse } from './support/house.ts'
import { expectOk } from './support/result.ts'

let house: House
let app: FastifyInstance
let here: { accounts: Accounts; broker: MemoryBroker }
let there: { accounts: Accounts; broker: MemoryBroker }
let watch: RevocationWatch
let alice: Account
beforeAll(async () => {
  house = await openHouse()
  app = await house.app()
  here = house.process()
  there = house.process()
  watch = await watchRevocations({ broker: here.broker, revocations: here.accounts.revocations })
})
afterAll(async () => {
  await watch.close()
  await house[Symbol.asyncDispose]()
})
beforeEach(async () => {
  alice = await house.person()
})

const issue = (account: Account): Who => app.tokens.issue(account, { ttlSeconds: 3600 }).who

/** Something that was opened with a token: how often it was told to close, and a promise of the first time. */
function opened() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = {
    closed: 0,
    wasClosed: promise,
    close: () => {
      socket.closed++
      resolve()
    },
  }
  return socket
}

test('what a revoked token opened is closed, in the same process before the call returns', async () => {
  const mine = issue(alice)
  const socket = opened()
  const other = opened()
  watch.add(mine, socket.close)
  watch.add(issue(alice), other.close)
  await here.accounts.revocations.revoke(mine)
  expect([socket.closed, other.closed]).toEqual([1, 0])
})

test('and in other processes', async () => {
  const socket = opened()
  const mine = issue(alice)
  watch.add(mine, socket.close)
  await there.accounts.revocations.revoke(mine)
  await socket.wasClosed
})

test('a changed password closes all that its person has open, and nobody else', async () => {
  const bob = await house.person()
  const sockets = Array.from({ length: 3 }, opened)
  const bobs = opened()
  for (const socket of sockets) watch.add(issue(alice), socket.close)
  watch.add(issue(bob), bobs.close)
  const changed = expectOk(await there.accounts.setPassword(alice.id, 'new'))
  await Promise.all(sockets.map((socket) => socket.wasClosed))
  const after = opened()
  watch.add(issue(changed), after.close)
  expect([bobs.closed, after.closed]).toEqual([0, 0])
})

test('one token may have opened several', async () => {
  const mine = issue(alice)
  const sockets = Array.from({ length: 3 }, opened)
  for (const socket of sockets) watch.add(mine, socket.close)
  await here.accounts.revocations.revoke(mine)
  expect(sockets.map(({ closed }) => closed)).toEqual([1, 1, 1])
})

test('what was closed before is not called, and ending a watch twice is ending it once', async () => {
  const mine = issue(alice)
  const socket = opened()
  const unwatch = watch.add(mine, socket.close)
  unwatch()
  unwatch()
  await here.accounts.revocations.revoke(mine)
  expect(socket.closed).toBe(0)
})

describe('a socket that opens while its token is revoked', () => {
  test('is closed although the revocation came between its check and its opening', async () => {
    const token = app.tokens.issue(alice, { ttlSeconds: 3600 }).token
    const who = expectOk(await app.tokens.verify(token))
    await here.accounts.revocations.revoke(who)
    const socket = opened()
    watch.add(who, socket.close)
    expect(socket.closed).toBe(1)
  })

  test('is closed although its opening took longer than revocations are remembered', async () => {
    let now = Date.now()
    const broker = new MemoryBroker(house.bus)
    const slow = await watchRevocations({
      broker,
      revocations: here.accounts.revocations,
      clock: () => now,
    })
    const bob = await house.person()
    const who = { ...issue(alice), checkedAt: now }
    await here.accounts.revocations.revoke(who)
    await new Promise((resolve) => setImmediate(resolve))
    now += 61_000
    // Something else is revoked, and the first is forgotten.
    await there.accounts.revocations.revoke(issue(bob))
    await new Promise((resolve) => setImmediate(resolve))
    const socket = opened()
    slow.add(who, socket.close)
    expect(socket.closed).toBe(0)
    await socket.wasClosed
    const late = opened()
    const lateButGood = { ...issue(alice), checkedAt: now - 61_000 }
    slow.add(lateButGood, late.close)
    await slow.close()
    expect(late.closed).toBe(0)
    await broker.close()
  })

  test('is closed in every order of a hundred races', async () => {
    const tokens = Array.from({ length: 100 }, () => app.tokens.issue(alice, { ttlSeconds: 3600 }))
    const sockets = await Promise.all(
      tokens.map(async ({ token, who }, index) => {
        const socket = opened()
        const revoking = index % 3 ? there.accounts.revocations.revoke(who) : undefined
        const checked = await app.tokens.verify(token)
        if (checked.ok) watch.add(checked.value, socket.close)
        await (revoking ?? there.accounts.revocations.revoke(who))
        return checked.ok ? socket : undefined
      }),
    )
    await Promise.all(sockets.map((socket) => socket?.wasClosed))
    expect(sockets.some(Boolean)).toBe(true)
  })
})

describe('while the bus is away', () => {
  /** A watch whose seconds pass when the test says so. */
  async function awayWatch(options: { fails?: () => boolean; fromTheStart?: boolean } = {}) {
    const bus = new MemoryBus()
    if (options.fromTheStart) bus.down()
    const broker = new MemoryBroker(bus)
    let wake: (() => void) | undefined
    let slept: (() => void) | undefined
    const asleep = () =>
      new Promise<void>((resolve) => {
        slept = resolve
      })
    const started = asleep()
    const { findRevoked } = here.accounts.revocations
    const watching = await watchRevocations({
      broker,
      revocations: {
        findRevoked: async (tokens) => {
          if (options.fails?.()) throw new Error('the database is away')
          return findRevoked(tokens)
        },
      },
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          expect(ms).toBe(1000)
          signal.throwIfAborted()
          wake = resolve
          signal.addEventListener('abort', () => reject(signal.reason))
          slept?.()
        }),
    })
    return { bus, broker, watching, started, asleep, second: () => wake?.() }
  }

  test('revoked tokens are looked for each second', async () => {
    const { bus, watching, asleep, second } = await awayWatch()
    const mine = issue(alice)
    const socket = opened()
    const other = opened()
    watching.add(mine, socket.close)
    watching.add(issue(alice), other.close)
    const first = asleep()
    bus.down()
    await first
    expect(socket.closed).toBe(0)
    await here.accounts.revocations.revoke(mine)
    second()
    await socket.wasClosed
    await watching.close()
    expect(other.closed).toBe(0)
  })

  test('what was missed is made up for when it is back, as soon as the database answers', async () => {
    let away = true
    const { bus, watching, asleep, second } = await awayWatch({ fails: () => away })
    const mine = issue(alice)
    const socket = opened()
    watching.add(mine, socket.close)
    const first = asleep()
    bus.down()
    await first
    await here.accounts.revocations.revoke(mine)
    bus.up()
    const again = asleep()
    second()
    await again
    expect(socket.closed).toBe(0)
    away = false
    second()
    await socket.wasClosed
    expect(socket.closed).toBe(1)
    await watching.close()
  })

  test('a watch that starts asks the database, and hears once the bus is there', async () => {
    const { bus, broker, watching, started, asleep, second } = await awayWatch({ fromTheStart: true })
    await started
    const polled = opened()
    const first = issue(alice)
    watching.add(first, polled.close)
    await here.accounts.revocations.revoke(first)
    const again = asleep()
    second()
    await polled.wasClosed
    await again
    bus.up()
    second()
    await new Promise((resolve) => setImmediate(resolve))
    const heard = opened()
    const mine = issue(alice)
    watching.add(mine, heard.close)
    publishRevocation(broker, { account: mine.accountId, jti: mine.jti })
    expect(heard.closed).toBe(1)
    await watching.close()
  })

  test('a watch that is closed stops asking', async () => {
    const { bus, watching, asleep } = await awayWatch()
    const first = asleep()
    bus.down()
    await first
    await watching.close()
  })
})

test('what is no revocation, on the topic of revocations, disturbs nobody', async () => {
  const socket = opened()
  watch.add(issue(alice), socket.close)
  for (const text of [
    '',
    '[]',
    'null',
    `{"account":${alice.id}}`,
    `{"account":"${alice.id}","generation":9}`,
  ]) {
    there.broker.publish({ topic: REVOKED_TOPIC, payload: Buffer.from(text) })
  }
  await new Promise((resolve) => setImmediate(resolve))
  expect(socket.closed).toBe(0)
})
