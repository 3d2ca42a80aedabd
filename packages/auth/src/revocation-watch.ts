import { type Broker, decodeRevocation, REVOKED_TOPIC, type Revocation } from './broker.ts'
import type { Revocations } from './revocations.ts'
import { sleep as realSleep, type Sleep } from './sleep.ts'
import type { Who } from './tokens.ts'
import { concerns, createWatchedSet, type Watched } from './watched.ts'

/** Closes what was opened with a token once the token is revoked. */
export interface RevocationWatch {
  /**
   * Calls `revoked` once if the token of `who` is revoked, also where that happened since it was verified: then before
   * this returns, or as soon as the database has said so. Answers how to end the watch.
   */
  add(who: Who, revoked: () => void): () => void
  close(): Promise<void>
}

export interface RevocationWatchOptions {
  broker: Broker
  revocations: Pick<Revocations, 'findRevoked'>
  /** Milliseconds since the epoch: the clock of the `access` plugin. */
  clock?: () => number
  sleep?: Sleep
}

/** Revocations are remembered so long, for what is added later; what was verified before that is looked up anew. */
const MEMORY_MS = 60_000

/** While other processes cannot be heard, the database is asked so often. */
const POLL_MS = 1_000

/**
 * Resolves once no revocation can be missed: before anybody connects. Also where the bus is away: then the database is
 * asked until it is subscribed.
 */
export async function watchRevocations({
  broker,
  revocations,
  clock = Date.now,
  sleep = realSleep,
}: RevocationWatchOptions): Promise<RevocationWatch> {
  const watchedSet = createWatchedSet()
  const recent: { at: number; revocation: Revocation }[] = []
  const closing = new AbortController()
  let up = true
  let unsubscribe: (() => void) | undefined
  let owed = false
  let looking: Promise<void> | undefined

  function heard(revocation: Revocation): void {
    const now = clock()
    recent.push({ at: now, revocation })
    while (recent[0] && recent[0].at < now - MEMORY_MS) recent.shift()
    watchedSet.endAll(revocation)
  }

  async function lookUp(all: Watched[]): Promise<void> {
    try {
      const gone = new Set<Who>(await revocations.findRevoked(all.map(({ who }) => who)))
      for (const watched of all) if (gone.has(watched.who)) watchedSet.end(watched)
    } catch {
      // Nobody is disturbed because the database is away; it is asked again.
      owed = true
    }
  }

  /** Where it fails, the bus is away, and this is tried again with the next look-up. */
  async function subscribe(): Promise<void> {
    const end = await broker
      .subscribe(REVOKED_TOPIC, ({ payload }) => {
        const revocation = decodeRevocation(payload.toString())
        if (revocation.ok) heard(revocation.value)
      })
      .catch(() => undefined)
    if (closing.signal.aborted) end?.()
    else unsubscribe = end
  }

  const isDeaf = (): boolean => !up || !unsubscribe

  async function lookUpWhileOwed(): Promise<void> {
    while (!closing.signal.aborted && (owed || isDeaf())) {
      if (!unsubscribe) await subscribe()
      owed = false
      await lookUp(watchedSet.all())
      if (owed || isDeaf()) await sleep(POLL_MS, closing.signal).catch(() => {})
    }
    looking = undefined
  }

  function oweLookUp(): void {
    owed = true
    looking ??= lookUpWhileOwed()
  }

  const unwatchChanges = broker.onChange((isUp) => {
    up = isUp
    oweLookUp()
  })
  await subscribe()
  if (!unsubscribe) oweLookUp()

  return {
    add(who, revoked) {
      const watched = { who, revoked }
      watchedSet.add(watched)
      if (recent.some(({ revocation }) => concerns(revocation, who))) watchedSet.end(watched)
      else if (clock() - who.checkedAt > MEMORY_MS) oweLookUp()
      return () => watchedSet.remove(watched)
    },
    async close() {
      unwatchChanges()
      unsubscribe?.()
      closing.abort()
      await looking
    },
  }
}
