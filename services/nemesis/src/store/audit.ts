import type { Database } from '@switchboard/kit/database'
import type { Audit, AuditDetails } from '../audit.ts'
import type { PrismaClient } from '../generated/client.ts'

/** Each log-in waits for it: Prisma's own work would cost more than the database's. */
const INSERT = {
  name: 'nemesis-audit',
  text: `INSERT INTO "nemesis"."audit" (actor, action, target, address, details) VALUES ($1, $2, $3, $4, $5::jsonb)`,
}

export interface AuditParts {
  db: PrismaClient
  database: Pick<Database, 'query'>
}

export const auditTable = ({ db, database }: AuditParts): Audit => ({
  async record({ actor, action, target, address, details = {} }) {
    const entry = [actor ?? null, action, target ?? null, address, JSON.stringify(details)]
    await database.query(INSERT, entry)
  },

  async list({ before, count, actor, action }) {
    const rows = await db.auditEntry.findMany({
      where: {
        ...(before !== undefined && { id: { lt: before } }),
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
      },
      orderBy: { id: 'desc' },
      take: count,
    })
    return rows.map(({ id, at, details, ...rest }) => ({
      ...rest,
      id: Number(id),
      at: at.getTime(),
      // Only `record` writes here.
      details: details as AuditDetails,
    }))
  },
})
