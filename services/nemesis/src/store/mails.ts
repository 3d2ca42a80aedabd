import type { PrismaClient } from '../generated/client.ts'

export interface NewMailRow {
  id: string
  kind: string
  useridKey: string
  sealed: Uint8Array<ArrayBuffer>
}

export interface ClaimedMailRow {
  id: string
  kind: string
  useridKey: string
  sealed: Uint8Array
  /** From 1. */
  attempt: number
  ageMs: number
}

/** The table of mails. What was given up stays for a month, to be asked about. */
export interface Mails {
  add(mail: NewMailRow): Promise<void>
  /** Those that are due; they are due again after the lease, by the database's clock. */
  claim(count: number, leaseMs: number): Promise<ClaimedMailRow[]>
  remove(id: string): Promise<void>
  /** Unless somebody else began to send it since. */
  retry(mail: { id: string; attempt: number }, afterMs: number, problem: string): Promise<void>
  giveUp(mail: { id: string; attempt: number }, problem: string): Promise<void>
  waiting(): Promise<number>
}

const GIVEN_UP_MS = 30 * 24 * 60 * 60 * 1000

export const mails = (db: PrismaClient): Mails => ({
  async add(mail) {
    await db.mail.create({ data: mail })
  },

  claim: (count, leaseMs) => db.$queryRaw<ClaimedMailRow[]>`
    UPDATE nemesis.mail m
    SET due = now() + make_interval(secs => ${leaseMs}::float8 / 1000), attempts = m.attempts + 1
    FROM (
      SELECT id FROM nemesis.mail WHERE due <= now() ORDER BY due LIMIT ${count} FOR UPDATE SKIP LOCKED
    ) next
    WHERE m.id = next.id
    RETURNING m.id::text AS id, m.kind, m.userid_key AS "useridKey", m.sealed, m.attempts AS attempt,
      (extract(epoch FROM now() - m.created) * 1000)::float8 AS "ageMs"`,

  async remove(id) {
    await db.mail.deleteMany({ where: { id } })
  },

  async retry({ id, attempt }, afterMs, problem) {
    await db.$executeRaw`
      UPDATE nemesis.mail
      SET due = now() + make_interval(secs => ${afterMs}::float8 / 1000), problem = ${problem}
      WHERE id = ${id}::uuid AND attempts = ${attempt} AND due IS NOT NULL`
  },

  async giveUp({ id, attempt }, problem) {
    const old = new Date(Date.now() - GIVEN_UP_MS)
    await db.$transaction([
      db.mail.updateMany({
        where: { id, attempts: attempt },
        data: { due: null, sealed: null, problem },
      }),
      db.mail.deleteMany({ where: { due: null, created: { lt: old } } }),
    ])
  },

  waiting: () => db.mail.count({ where: { due: { not: null } } }),
})
