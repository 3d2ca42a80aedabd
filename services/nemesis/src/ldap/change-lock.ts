import type { Database } from '@switchboard/kit/database'
import { DirectoryAway } from './errors.ts'
import { turns } from './turns.ts'
import type { Exclusive } from './writer.ts'

/** Of PostgreSQL's advisory locks; any number that nobody else takes. */
const LOCK = 0x6e656d65
const WAIT_MS = 5_000
const WAITING_MAX = 1_000
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * LDAP has neither transactions nor unique values, so what looks first and changes then is done by one process at a time
 * of those that share the database. Others may still change the directory meanwhile.
 */
export function changeLock(database: Pick<Database, 'embedded' | 'transaction'>): Exclusive {
  const line = turns({ atOnce: 1, waiting: WAITING_MAX })

  async function acrossProcesses<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await database.transaction(async ({ query }) => {
        await query(`SET LOCAL lock_timeout = ${WAIT_MS}`)
        await query('SELECT pg_advisory_xact_lock($1)', [LOCK])
        return work()
      })
    } catch (error) {
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
      throw new DirectoryAway('another process changes it')
    }
  }

  return async (work) => {
    const ended = new AbortController()
    const timer = setTimeout(() => ended.abort(), WAIT_MS)
    try {
      const leave = await line.take(ended.signal)
      clearTimeout(timer)
      try {
        // Nobody else has an embedded database open, and a transaction of it lets nobody else at it.
        return await (database.embedded ? work() : acrossProcesses(work))
      } finally {
        leave()
      }
    } finally {
      clearTimeout(timer)
    }
  }
}
