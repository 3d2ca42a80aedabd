import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { type Listening, listen } from '@switchboard/testing/listen'
import { vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { type RelayConfig, readConfig } from '../../src/config.ts'

// An embedded database takes seconds to make, and longer on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

/** A process of the service, listening. */
export interface Process extends Listening {
  process: string
  /** A new token. */
  token(): Promise<string>
  /** A request to the token's URL. */
  go(token: string, path?: string, init?: RequestInit): Promise<Response>
  /** It dies: nothing that it does reaches the others any more, and its leases run out. */
  crash(): Promise<void>
}

export interface InstallationOptions extends Partial<RelayConfig> {
  database?: Database
}

/** Processes that share a bus, presence, limits and a database. */
export class Installation implements AsyncDisposable {
  readonly bus = new MemoryBus()
  readonly presence = new MemoryPresenceStore()
  readonly #config: Partial<RelayConfig>
  readonly #database: Promise<Database>
  readonly #stack = new AsyncDisposableStack()
  readonly #limits: ReturnType<typeof memoryLimits>

  constructor({ database, ...config }: InstallationOptions = {}) {
    this.#config = config
    this.#limits = memoryLimits({ on: config.limits ?? true })
    this.#database = database
      ? Promise.resolve(database)
      : openDatabase({ url: undefined, directory: 'memory://' }).then((one) => this.#stack.use(one))
  }

  async start(): Promise<Process> {
    const database = await this.#database
    const broker = new MemoryBroker(this.bus)
    const presence = new MemoryPresence(this.presence, broker.process)
    const config = { ...readConfig({ LOG_LEVEL: 'silent' }), ...this.#config }
    const app = await createApp(config, { database, broker, presence, limits: this.#limits })
    const listening = this.#stack.use(await listen(app))
    const { url } = listening
    return {
      ...listening,
      process: broker.process,
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
