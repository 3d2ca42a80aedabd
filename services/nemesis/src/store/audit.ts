import type { Audit, AuditDetails } from '../audit.ts'
import type { PrismaClient } from '../generated/client.ts'

export const auditTable = (db: PrismaClient): Audit => ({
  async record({ actor, action, target, address, details = {} }) {
    const data = { actor: actor ?? null, action, target: target ?? null, address, details }
    await db.auditEntry.createMany({ data: [data] })
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
