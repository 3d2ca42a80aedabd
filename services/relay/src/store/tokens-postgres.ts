import type { Client } from './client.ts'
import type { TokenStore } from './store.ts'

export function createPostgresTokens(client: Client): TokenStore {
  return {
    async add({ token, maker, expiresAt }, { most, now }) {
      return client.$transaction(async (tx) => {
        // Two requests of one address count one after the other.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`relay ${maker}`}, 0))`
        const living = await tx.token.aggregate({
          where: { maker, expiresAt: { gt: new Date(now) } },
          _count: true,
          _min: { expiresAt: true },
        })
        if (living._count >= most)
          return { added: false, firstEnds: living._min.expiresAt?.getTime() ?? expiresAt }
        await tx.token.create({ data: { token, maker, expiresAt: new Date(expiresAt) } })
        return { added: true }
      })
    },

    async find(token, now) {
      const row = await client.token.findUnique({
        where: { token, expiresAt: { gt: new Date(now) } },
        select: { expiresAt: true },
      })
      return row?.expiresAt.getTime()
    },

    async refresh(token, { expiresAt, now }) {
      const { count } = await client.token.updateMany({
        where: { token, expiresAt: { gt: new Date(now) } },
        data: { expiresAt: new Date(expiresAt) },
      })
      return count > 0
    },
  }
}
