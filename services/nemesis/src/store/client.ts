import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaClient } from '../generated/client.ts'

/** The Postgres schema `nemesis`. Prisma's longer errors quote the call; these name the failure only. */
export const openStore = (adapter: SqlDriverAdapterFactory): PrismaClient =>
  new PrismaClient({ adapter, errorFormat: 'minimal' })
