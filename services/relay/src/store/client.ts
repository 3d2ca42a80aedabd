import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaClient } from '../generated/client.ts'

export type Client = PrismaClient

/** The Postgres schema `relay`. */
export const createClient = (adapter: SqlDriverAdapterFactory): Client =>
  new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    // Milliseconds. On the embedded database transactions wait for those of every service.
    transactionOptions: { maxWait: 5_000, timeout: 10_000 },
  })
