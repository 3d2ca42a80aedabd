import { PROCESSES, type ProcessInfo } from '@switchboard/protocol/between'
import type { Service } from '@switchboard/protocol/gateway'
import type { Server } from './server.ts'

/** Milliseconds between looks at itself: each asks the database something small. */
const LOOK_MS = 3_000

/** What is needed of hub's presence. */
interface Places {
  enter(place: string, entry: Entry): Promise<unknown>
  leave(place: string, connection: string): Promise<unknown>
}

interface Entry {
  connection: string
  person: string
  since: number
  info: ProcessInfo
}

export interface ProcessOptions {
  service: Service
  /** Hub's; `process` is the name of this process. */
  broker: { readonly process: string }
  presence: Places
  /** How many are open; absent for a service that keeps none. */
  connections?: () => number
  /** Milliseconds between looks; 3 s unless told. */
  everyMs?: number
}

/**
 * Keeps an entry of this process among all {@link PROCESSES} for as long as the app is there: from its readiness, and
 * changed when what it says has changed. Where presence is away it is entered as soon as a look finds it back.
 */
export function announceProcess(app: Server, options: ProcessOptions): void {
  const { service, broker, presence, connections, everyMs = LOOK_MS } = options
  const { process } = broker
  const own = { connection: `${process}.${service}`, person: service, since: Date.now() }
  let told: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosing = false
  let leaving: Promise<unknown> | undefined

  async function look(): Promise<void> {
    const missing = await app.missing()
    const info = { process, missing, ...(connections && { connections: connections() }) }
    const text = JSON.stringify(info)
    if (isClosing || text === told) return
    told = text
    await presence.enter(PROCESSES, { ...own, info })
  }

  async function lookAgain(): Promise<void> {
    await look().catch(() => {
      told = undefined
    })
    if (!isClosing) timer = setTimeout(lookAgain, everyMs).unref()
  }

  app.addHook('onReady', async () => void lookAgain())
  // Before the clients are told to go, and with nobody waiting for it: presence may hang.
  app.addHook('preClose', async () => {
    isClosing = true
    clearTimeout(timer)
    // Where it rejects, the entry goes with the lease.
    leaving = presence.leave(PROCESSES, own.connection).catch(() => {})
  })
  app.addHook('onClose', () => leaving)
}
