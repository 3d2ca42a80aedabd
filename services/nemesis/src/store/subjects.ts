import { createRevocations, type Revocations } from '@switchboard/auth/revocations'
import type { Database } from '@switchboard/kit/database'
import { nameKey } from '@switchboard/protocol/names'
import type { Subject } from '../directory.ts'
import type { PrismaClient } from '../generated/client.ts'

/**
 * Whom tokens are issued to, for a directory that keeps neither ids nor generations. Any userid that the directory knows;
 * compared without regard to case. Every call rejects where the database does not answer.
 */
export interface Subjects {
  /** Made where there is none. Ask before the password is checked, so that a change meanwhile revokes what comes of it. */
  of(userid: string): Promise<Subject>
  /**
   * Revokes every token. To be done before a password changes, which must not change where this fails, and again after:
   * a log-in with the old one may have come between.
   */
  bump(userid: string): Promise<void>
  /** Revokes every token of somebody who is there no more. */
  forget(userid: string): Promise<void>
}

export const subjects = (db: PrismaClient): Subjects => ({
  async of(username) {
    const where = { key: nameKey(username) }
    const found = await db.subject.findUnique({ where })
    if (found) return { id: found.id, username, generation: found.generation }
    // Two may log in for the first time at once.
    await db.subject.createMany({ data: [where], skipDuplicates: true })
    const { id, generation } = await db.subject.findUniqueOrThrow({ where })
    return { id, username, generation }
  },

  async bump(userid) {
    const where = { key: nameKey(userid) }
    await db.subject.updateMany({ where, data: { generation: { increment: 1 } } })
  },

  async forget(userid) {
    await db.subject.deleteMany({ where: { key: nameKey(userid) } })
  },
})

/**
 * Which tokens of subjects were taken back. Only the database is told: on the bus their ids would be taken for accounts'.
 */
export const subjectRevocations = (database: Pick<Database, 'query'>): Revocations =>
  createRevocations({ database, tables: { schema: 'nemesis', holders: 'subject' }, tell: () => {} })
