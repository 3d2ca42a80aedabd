import { type Bus, openBus } from '@switchboard/hub/bus'
import { openLimits } from '@switchboard/kit/open-limits'
import { redisConnector } from '@switchboard/kit/redis'
import { LIMITS } from '@switchboard/protocol/limits'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../src/account.ts'
import { type Accounts, createAccounts } from '../src/accounts.ts'
import { createLoginGuard } from '../src/login-guard.ts'
import { type RevocationWatch, watchRevocations } from '../src/revocation-watch.ts'
import type { Who } from '../src/tokens.ts'
import { type House, openHouse } from './support/house.ts'
import { expectOk } from './support/result.ts'

const right = async (): Promise<Result<string, 'WRONG'>> => ok('welcome')
const wrong = async (): Promise<Result<string, 'WRONG'>> => err('WRONG')
const { perAccountAndAddress, perAccount, windowSeconds } = LIMITS.logins

describe.skipIf(!findServer('redis-server'))('two processes on Redis', () => {
  let redis: LiveRedis
  beforeAll(async () => {
    redis = await liveRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  describe('count failed log-ins together', () => {
    /** Guards with counters of their own connections, and how long they made whom wait, in seconds. */
    async function guards() {
      const stack = new AsyncDisposableStack()
      const slept: number[] = []
      const open = async () => {
        const limits = stack.use(openLimits({ on: true, connect: redisConnector(redis.url) }))
        const guard = createLoginGuard({ limits, sleep: async (ms) => void slept.push(ms / 1000) })
        stack.defer(() => guard.close())
        // A connection takes a moment; until then nothing is counted.
        await expect
          .poll(() => guard.attempt({ name: 'x', address: 'x' }, right).catch(() => {}))
          .toEqual(ok('welcome'))
        return guard
      }
      const both = [await open(), await open()] as const
      return { both, slept, [Symbol.asyncDispose]: () => stack.disposeAsync() }
    }

    test('however many come at once, ten fail at one account from one address, and the rest is refused', async () => {
      await using at = await guards()
      let checked = 0
      const check = () => {
        checked++
        return wrong()
      }
      const tries = Array.from({ length: 40 }, (_, n) =>
        at.both[n % 2 ? 1 : 0].attempt({ name: n % 3 ? 'Alice' : 'ALICE', address: '10.0.0.1' }, check),
      )
      const answers = await Promise.all(tries)
      expect(checked).toBe(perAccountAndAddress)
      expect(answers.filter((answer) => !answer.ok && answer.error === 'WRONG')).toHaveLength(checked)
      for (const guard of at.both) {
        const refused = await guard.attempt({ name: 'alice', address: '10.0.0.1' }, right)
        const error = { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) }
        expect(refused).toEqual(err(error))
        if (!refused.ok && typeof refused.error === 'object')
          expect(refused.error.retryAfterSeconds).toBeLessThanOrEqual(windowSeconds)
        expect(await guard.attempt({ name: 'alice', address: '10.0.0.2' }, right)).toEqual(ok('welcome'))
        expect(await guard.attempt({ name: 'bob', address: '10.0.0.1' }, right)).toEqual(ok('welcome'))
      }
    })

    test('right ones are not counted', async () => {
      await using at = await guards()
      for (let n = 0; n < 3 * perAccountAndAddress; n++) {
        const guard = at.both[n % 2 ? 1 : 0]
        expect(await guard.attempt({ name: 'right', address: '10.0.1.1' }, right)).toEqual(ok('welcome'))
      }
    })

    test('past fifty at one account from anywhere, each further one waits in both', async () => {
      await using at = await guards()
      for (let n = 0; n < perAccount; n++)
        await at.both[n % 2 ? 1 : 0].attempt({ name: 'carol', address: `10.1.0.${n}` }, wrong)
      expect(at.slept).toEqual([])
      for (const guard of at.both) await guard.attempt({ name: 'carol', address: '10.2.0.1' }, wrong)
      expect(at.slept).toEqual([1, 2])
    })
  })

  describe('tell each other of revocations', () => {
    interface Process {
      bus: Bus
      accounts: Accounts
      watch: RevocationWatch
    }
    let house: House
    let app: FastifyInstance
    let processes: Process[]
    const stack = new AsyncDisposableStack()
    beforeAll(async () => {
      house = stack.use(await openHouse())
      app = await house.app()
      const open = async (): Promise<Process> => {
        const bus = stack.use(await openBus(redisConnector(redis.url)))
        const { broker } = bus
        const accounts = createAccounts({ database: house.database, broker })
        stack.defer(() => accounts.close())
        const watch = await watchRevocations({ broker, revocations: accounts.revocations })
        stack.defer(() => watch.close())
        return { bus, accounts, watch }
      }
      processes = [await open(), await open()]
    })
    afterAll(() => stack.disposeAsync())

    /** Resolves with the milliseconds from now until both were told that the token is revoked. */
    async function closedBy(account: Account, revoke: (who: Who) => Promise<unknown>) {
      const { who } = app.tokens.issue(account, { ttlSeconds: 3600 })
      const told = processes.map(({ watch }) => new Promise<void>((resolve) => void watch.add(who, resolve)))
      const start = performance.now()
      await revoke(who)
      await Promise.all(told)
      return performance.now() - start
    }

    test('a token that is taken back closes what it opened in both, within a second', async () => {
      const alice = await house.person()
      for (const { accounts } of processes)
        expect(await closedBy(alice, (who) => accounts.revocations.revoke(who))).toBeLessThan(1000)
    })

    test('so does a changed password', async () => {
      const alice = await house.person()
      const changed = closedBy(alice, async () =>
        expectOk(await (processes[1] as Process).accounts.setPassword(alice.id, 'new')),
      )
      expect(await changed).toBeLessThan(2000)
    })

    test('while Redis is away, the database is asked instead', async () => {
      const alice = await house.person()
      await redis.stop()
      try {
        await expect.poll(() => processes.map(({ bus }) => bus.broker.stats.up)).toEqual([false, false])
        const [one] = processes as [Process]
        expect(await closedBy(alice, (who) => one.accounts.revocations.revoke(who))).toBeLessThan(3000)
      } finally {
        await redis.start()
      }
      await expect
        .poll(() => processes.map(({ bus }) => bus.broker.stats.up), { timeout: 10_000 })
        .toEqual([true, true])
      const [, two] = processes as [Process, Process]
      expect(await closedBy(alice, (who) => two.accounts.revocations.revoke(who))).toBeLessThan(1000)
    })
  })
})
