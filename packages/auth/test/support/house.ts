import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import type { Database } from '@switchboard/kit/database'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { type AccessOptions, access } from '../../src/access.ts'
import type { Account } from '../../src/account.ts'
import { type Accounts, createAccounts } from '../../src/accounts.ts'
import { accountsDatabase } from './database.ts'
import { expectOk } from './result.ts'

export const SECRET = 'a secret of thirty-two bytes, at least'

/** One database and one bus, with as many processes on them as a test wants. */
export interface House extends AsyncDisposable {
  readonly database: Database
  readonly bus: MemoryBus
  process(): { accounts: Accounts; broker: MemoryBroker }
  /** A service of the first process, with a token's tools; closed with the house. */
  app(options?: Partial<AccessOptions>, server?: FastifyServerOptions): Promise<FastifyInstance>
  /** Somebody new. */
  person(): Promise<Account>
}

export async function openHouse(url?: string): Promise<House> {
  const database = await accountsDatabase(url)
  const bus = new MemoryBus()
  const closers: (() => Promise<unknown>)[] = []
  let people = 0

  function process() {
    const broker = new MemoryBroker(bus)
    const accounts = createAccounts({ database, broker })
    closers.push(
      () => accounts.close(),
      () => broker.close(),
    )
    return { accounts, broker }
  }
  const first = process()

  return {
    database,
    bus,
    process,
    async app(options = {}, server = {}) {
      const app = fastify(server)
      closers.unshift(() => app.close())
      await app.register(access, {
        secrets: [SECRET],
        audience: 'switchboard',
        revocations: first.accounts.revocations,
        allowedOrigins: [],
        ...options,
      })
      return app
    },
    person: async () =>
      expectOk(await first.accounts.create({ username: `person ${++people}`, password: 'secret' })),
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close()
      await database[Symbol.asyncDispose]()
    },
  }
}
