import type { PrismaClient } from '../generated/client.ts'

/** What was put in once stays out when somebody takes it out. */
export interface Seeds {
  isDone(name: string): Promise<boolean>
  done(name: string): Promise<void>
}

export const seeds = (db: PrismaClient): Seeds => ({
  isDone: async (name) => (await db.seed.findUnique({ where: { name } })) !== null,
  async done(name) {
    await db.seed.createMany({ data: [{ name }], skipDuplicates: true })
  },
})
