import { randomUUID } from 'node:crypto'
import type { Alongside } from '@switchboard/auth/accounts'
import type { Database } from '@switchboard/kit/database'
import type { PrismaClient } from '../generated/client.ts'

/** A registration that this caller, and nobody else, decides on for some seconds. */
export interface Claim {
  id: number
  /** A random text. */
  claim: string
}

/**
 * Who decides on a registration. A claim lasts 30 s and longer where it is renewed; one that ran out is anybody's, so that
 * nothing is held by a process that died. `false`: the claim is somebody else's by now, and nothing was written.
 */
export interface Claims {
  /** `undefined`: it does not wait, or another one with the same e-mail address is being approved. */
  claim(id: number): Promise<Claim | undefined>
  renew(claim: Claim): Promise<boolean>
  /**
   * Renews it, and writes down who is going to be made, and where, before it is done. `taken`: the userid is kept for
   * another registration.
   */
  keep(claim: Claim, kept: { userid: string; team: string }): Promise<boolean | 'taken'>
  /** Every userid that was ever kept and begins so. */
  keptUserids(prefix: string): Promise<string[]>
  /**
   * For whoever writes it together with something else. It fails, and with it all else, where the claim is somebody else's.
   * @param by the administrator's userid
   */
  approved(claim: Claim, by: string): Alongside
  /** @param by the administrator's userid */
  rejected(claim: Claim, by: string, reason: string): Promise<boolean>
  /** It waits again. */
  release(claim: Claim): Promise<void>
  /** Lets those wait again whose claim ran out. */
  expire(): Promise<void>
}

const LEASE = `now() + interval '30 seconds'`
const WAITS = `state = 'waiting', claim = NULL, leased_until = NULL`
const update = (what: string, which: string) =>
  `UPDATE "nemesis"."registration" SET ${what} WHERE ${which} RETURNING id`
const MINE = `id = $1 AND claim = $2`
const decided = (state: 'approved' | 'rejected') =>
  `state = '${state}', claim = NULL, leased_until = NULL, decided_by = $3, decided_at = now()`

const STATEMENTS = {
  claim: update(`state = 'approving', claim = $2, leased_until = ${LEASE}`, `id = $1 AND state = 'waiting'`),
  renew: update(`leased_until = ${LEASE}`, MINE),
  keep: update(`userid = $3, team = $4, team_known = true, leased_until = ${LEASE}`, MINE),
  rejected: update(`${decided('rejected')}, reason = $4`, MINE),
  release: update(WAITS, MINE),
  // What another process is at in this moment is left to it.
  expire: update(
    WAITS,
    `id IN (SELECT id FROM "nemesis"."registration" WHERE state = 'approving' AND leased_until < now()
      FOR UPDATE SKIP LOCKED)`,
  ),
} as const

/** Divides by zero where there was nothing to write, which ends a transaction. */
const APPROVED = `WITH done AS (${update(decided('approved'), MINE)}) SELECT 1 / count(*) FROM done`

/** PostgreSQL's `unique_violation`. */
const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === '23505'

export function registrationClaims({
  db,
  database,
}: {
  db: PrismaClient
  database: Pick<Database, 'query'>
}): Claims {
  /** Whether anything was written. */
  async function run(name: keyof typeof STATEMENTS, ...parameters: unknown[]): Promise<boolean> {
    const rows = await database.query(
      { name: `nemesis_registration_${name}`, text: STATEMENTS[name] },
      parameters,
    )
    return rows.length > 0
  }
  const expire = async () => void (await run('expire'))

  return {
    expire,

    async claim(id) {
      await expire()
      const claim = randomUUID()
      try {
        return (await run('claim', id, claim)) ? { id, claim } : undefined
      } catch (error) {
        if (isDuplicate(error)) return undefined
        throw error
      }
    },

    async keep({ id, claim }, { userid, team }) {
      try {
        return await run('keep', id, claim, userid, team)
      } catch (error) {
        if (isDuplicate(error)) return 'taken'
        throw error
      }
    },

    async keptUserids(prefix) {
      const rows = await db.registration.findMany({
        where: { userid: { startsWith: prefix } },
        select: { userid: true },
      })
      return rows.flatMap(({ userid }) => userid ?? [])
    },

    renew: ({ id, claim }) => run('renew', id, claim),
    approved: ({ id, claim }, by) => ({ text: APPROVED, parameters: [id, claim, by] }),
    rejected: ({ id, claim }, by, reason) => run('rejected', id, claim, by, reason),
    release: async ({ id, claim }) => void (await run('release', id, claim)),
  }
}
