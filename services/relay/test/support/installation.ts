import type { Broker } from '@switchboard/hub/broker'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { openBus } from '@switchboard/hub/bus'
import type { Presence } from '@switchboard/hub/presence'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { redisConnector } from '@switchboard/kit/redis'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import { vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { type RelayConfig, readConfig } from '../../src/config.ts'

// An embedded database takes seconds to make, and longer on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

/** A process of the service, listening. */
export interface Process extends Listening {
  /** A new token. */
  token(): Promise<string>
  /** A request to the token's URL. */
  go(token: string, path?: string, init?: RequestInit): Promise<Response>
  broker: Broker
  presence: Presence
  /** It dies: nothing that it does reaches the others any more, and its leases run out. In memory only. */
  crash(): Promise<void>
}

export interface InstallationOptions extends Partial<RelayConfig> {
  database?: Database
  /** Where everything is instead of memory and a database. */
  redis?: string
}

/** Processes that share a bus, presence, limits and a store. */
export class Installation implements AsyncDisposable {
  readonly bus = new MemoryBus()
  readonly presence = new MemoryPresenceStore()
  readonly #config: Partial<RelayConfig>
  readonly #database: Promise<Database> | undefined
  readonly #redis: string | undefined
  readonly #stack = new AsyncDisposableStack()
  readonly #limits: ReturnType<typeof memoryLimits>

  constructor({ database, redis, ...config }: InstallationOptions = {}) {
    this.#config = config
    this.#redis = redis
    this.#limits = memoryLimits({ on: config.limits ?? true })
    if (redis !== undefined) return
    this.#database = database
      ? Promise.resolve(database)
      : inMemory()
          .then(openDatabase)
          .then((one) => this.#stack.use(one))
  }

  async #openBus() {
    if (this.#redis !== undefined) return this.#stack.use(await openBus(redisConnector(this.#redis)))
    const broker = new MemoryBroker(this.bus)
    return { broker, presence: new MemoryPresence(this.presence, broker.process) }
  }

  async start(): Promise<Process> {
    const database = await this.#database
    const connect = this.#redis === undefined ? undefined : redisConnector(this.#redis)
    const { broker, presence } = await this.#openBus()
    const config = { ...readConfig({ LOG_LEVEL: 'silent' }), ...this.#config }
    const app = await createApp(config, { database, connect, broker, presence, limits: this.#limits })
    const listening = this.#stack.use(await listen(app))
    const { url } = listening
    return {
      ...listening,
      broker,
      presence,
      async token() {
        return (await fetch(`${url}/v1/new`)).text()
      },
      go: (token, path = '', init = {}) => fetch(`${url}/v1/go/${token}${path}`, init),
      crash: async () => {
        await broker.close()
        this.presence.crash(broker.process)
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** One process by itself. */
export async function startRelay(options: InstallationOptions = {}): Promise<Process & AsyncDisposable> {
  const installation = new Installation(options)
  const process = await installation.start()
  return { ...process, [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose]() }
}
