import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaClient } from '../generated/client.ts'

/** For kit's `migrate`. */
export const CHANNELS_MIGRATIONS = {
  schema: 'channels',
  folder: new URL('../../prisma/migrations/', import.meta.url),
}

/** Which nicknames belong to which accounts, in the Postgres schema `channels`. */
export function createReservationStore(adapter: SqlDriverAdapterFactory) {
  // Prisma's longer errors quote the call; these name the failure only.
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })
  return {
    /** The id of the account for which the nickname is reserved. */
    async owner(nickKey: string): Promise<number | undefined> {
      const row = await prisma.reservation.findUnique({ where: { nickKey } })
      return row?.accountId
    },

    async reserve(nickKey: string, accountId: number): Promise<void> {
      await prisma.reservation.upsert({
        where: { nickKey },
        create: { nickKey, accountId },
        update: { accountId },
      })
    },

    close: () => prisma.$disconnect(),
  }
}
