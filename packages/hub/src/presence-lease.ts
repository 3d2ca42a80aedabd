import { pause } from './backoff.ts'
import type { PresenceStore, Renewed } from './presence-store.ts'
import { Unavailable } from './unavailable.ts'

interface LeaseOptions {
  store: PresenceStore
  process: string
  leaseMs: number
  /** Redis forgot what this process holds; where it rejects, it is called again. */
  forgotten(): Promise<void>
  /** Redis answers; it counts as away as long as this rejects. */
  renewed(): Promise<void>
  /** Processes that let their lease run out, each time until there is nothing left of them. */
  dead(processes: Renewed['dead']): unknown
  onError(error: unknown): void
}

/** The lease of one process: renewed ten times in its length. A renewal that fails is how it learns that Redis is away. */
export class Lease {
  /** Resolves when Redis is there for the first time. */
  readonly opened: Promise<void>
  isUp = false
  /** How often others counted this process as dead, and told of its people. */
  deaths = 0
  readonly #options: LeaseOptions
  readonly #stopping = new AbortController()
  readonly #renewing: Promise<void>
  #open = (): void => {}
  #isForgotten = false
  /** The name of Redis' data, another one where it lost what it had. */
  #data: string | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.opened = new Promise((resolve) => {
      this.#open = resolve
    })
    this.#renewing = this.#renew()
  }

  /** Resolves once nothing more is renewed; what it was given is still there. */
  stop(): Promise<void> {
    this.#stopping.abort()
    return this.#renewing
  }

  async #renew(): Promise<void> {
    const { leaseMs, onError } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await this.#renewOnce()
      } catch (error) {
        this.isUp = false
        if (!(error instanceof Unavailable)) onError(error)
      }
      await pause(leaseMs / 10, signal)
    }
  }

  async #renewOnce(): Promise<void> {
    const { store, process, leaseMs, forgotten, renewed } = this.#options
    const times = { leaseMs, gapMs: leaseMs * 0.3, graceMs: leaseMs / 2 }
    const { known, data, dead } = await store.renew(process, times)
    if (!known) this.#isForgotten = true
    if (!known && data === this.#data) this.deaths++
    this.#data = data
    if (this.#isForgotten) await forgotten()
    this.#isForgotten = false
    await renewed()
    this.isUp = true
    this.#open()
    this.#options.dead(dead)
  }
}
