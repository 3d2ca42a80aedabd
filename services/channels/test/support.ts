import { ACCOUNTS_MIGRATIONS, type Accounts, createAccounts } from '@switchboard/auth/accounts'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { type Bus, openBus } from '@switchboard/hub/bus'
import type { Presence } from '@switchboard/hub/presence'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { migrate } from '@switchboard/kit/migrate'
import { redisConnector } from '@switchboard/kit/redis'
import type { Server } from '@switchboard/kit/server'
import { type Down, loginPath } from '@switchboard/protocol/channels'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import { type Client, connect } from '@switchboard/testing/socket'
import { afterAll, beforeAll } from 'vitest'
import { createApp, type Parts } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

export const SECRET = 'a secret that is long enough for HS256'

/** One process of the service, listening. */
export interface Process extends Listening {
  app: Server
  presence: Presence
  /** Logs in and takes in the greeting: everything up to the list of who is there. */
  login(nick: string, token?: string): Promise<Client>
  /** Connects and takes in nothing. */
  connect(nick: string, protocols?: string[]): Promise<Client>
  /** As another service says something on a topic. */
  publish(topic: string, text: string): void
  /** It dies, on a bus in memory: nothing that it does reaches the others any more, and it hears of nothing. */
  kill(): Promise<void>
  /** What it held in presence is gone, as soon after its death as leases run out. */
  expire(): void
}

export interface WorldOptions {
  limits?: boolean
  env?: Record<string, string>
  /** Redis; a bus in memory unless told. */
  redis?: string
  parts?: Partial<Parts>
}

/** What several processes share: a bus, presence, limits and the database. */
export class World {
  readonly bus = new MemoryBus()
  readonly store = new MemoryPresenceStore()
  readonly #database: Database
  readonly #options: WorldOptions
  readonly limits: Parts['limits']

  constructor(database: Database, options: WorldOptions) {
    this.#database = database
    this.#options = options
    this.limits = memoryLimits({ on: options.limits ?? true })
  }

  async #openBus(): Promise<Bus> {
    const { redis } = this.#options
    if (redis !== undefined) return openBus(redisConnector(redis))
    const broker = new MemoryBroker(this.bus)
    const presence = new MemoryPresence(this.store, broker.process)
    return { broker, presence, [Symbol.asyncDispose]: async () => {} }
  }

  async process(): Promise<Process> {
    const bus = await this.#openBus()
    const { broker, presence } = bus
    const { env, parts } = this.#options
    const { store } = this
    const config = readConfig({ LOG_LEVEL: 'silent', JWT_SECRET: SECRET, ...env })
    const app = await createApp(config, {
      database: this.#database,
      broker,
      presence,
      limits: this.limits,
      ...parts,
    })
    const listening = await listen(app)
    const connectAs = (nick: string, protocols: string[] = []) =>
      connect(listening.wsUrl + loginPath(nick), { protocols })
    return {
      ...listening,
      app,
      presence,
      async [Symbol.asyncDispose]() {
        await listening[Symbol.asyncDispose]()
        await bus[Symbol.asyncDispose]()
      },
      connect: connectAs,
      publish: (topic, text) => broker.publish({ topic, payload: Buffer.from(text) }),
      async login(nick, token) {
        const client = await connectAs(nick, token === undefined ? [] : [token])
        await client.until((message) => JSON.parse(message).type === 6)
        return client
      },
      kill: () => broker.close(),
      expire: () => store.crash(broker.process),
    }
  }
}

/** Longest that an embedded database takes to start, on a machine that is busy with other tests. */
const START_MS = 60_000

/** A database for a test file; each world in it has nicknames of its own, and shares the accounts. */
export function testWorlds() {
  let database: Database
  let accounts: Accounts
  beforeAll(async () => {
    database = await openDatabase(await inMemory())
    await migrate(database, ACCOUNTS_MIGRATIONS)
    accounts = createAccounts({ database, broker: { publish: () => {} } })
  }, START_MS)
  afterAll(async () => {
    await accounts?.close()
    await database?.[Symbol.asyncDispose]()
  })
  return {
    world: (options: WorldOptions = {}) => new World(database, options),
    get accounts() {
      return accounts
    },
    /** Makes an account. */
    async account(username: string, password = 'correct horse') {
      const made = await accounts.create({ username, password })
      if (!made.ok) throw new Error(made.error.message)
      return made.value
    },
    /** A token of an account, as it gets one by logging in anywhere. */
    async token({ app }: Process, username: string, ttlSeconds = 3600) {
      const account = await accounts.byName(username)
      if (!account) throw new Error(`no account ${username}`)
      return app.tokens.issue(account, { ttlSeconds }).token
    },
  }
}

/** What came until now: everything before the answer to a question that is asked now. */
export async function heard(client: Client): Promise<Down[]> {
  client.send({ type: 6, channel: 'a-channel-nobody-is-in' })
  const messages = (await client.until((text) => text.includes('a-channel-nobody-is-in'))).map(
    (text) => JSON.parse(text) as Down,
  )
  return messages.slice(0, -1)
}

/** All of `clients` have taken in what any of `speakers`, each in another process, said or did in the channel before. */
export async function settled(clients: Client[], speakers: Client[], channel: string): Promise<void> {
  for (const speaker of speakers) speaker.send({ type: 0, dest: channel, message: 'until here' })
  for (const client of clients)
    for (const _speaker of speakers) await client.until((text) => text.includes('until here'))
}

/** Joins and takes in that it did. */
export async function join(client: Client, channel: string): Promise<void> {
  client.send({ type: 4, channel })
  await client.until((text) => JSON.parse(text).type === 4)
}
