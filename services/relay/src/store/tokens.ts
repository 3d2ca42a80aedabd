import type { Client } from './client.ts'

/** Every call rejects where the database does not answer. Times are milliseconds since the epoch. */
export function createTokenStore(client: Client) {
  return {
    /**
     * Keeps a new token. Where `maker` has `most` living ones already it is not kept, and the answer is when the first
     * of those ends.
     */
    async add(
      { token, maker, expiresAt }: { token: string; maker: string; expiresAt: number },
      { most, now }: { most: number; now: number },
    ): Promise<{ added: boolean; firstEnds?: number }> {
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

    /** When a living token ends. */
    async find(token: string, now: number): Promise<number | undefined> {
      const row = await client.token.findUnique({
        where: { token, expiresAt: { gt: new Date(now) } },
        select: { expiresAt: true },
      })
      return row?.expiresAt.getTime()
    },

    /** `false`: there is no such living token. */
    async refresh(token: string, { expiresAt, now }: { expiresAt: number; now: number }): Promise<boolean> {
      const { count } = await client.token.updateMany({
        where: { token, expiresAt: { gt: new Date(now) } },
        data: { expiresAt: new Date(expiresAt) },
      })
      return count > 0
    },
  }
}
