import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaClient } from '../generated/client.ts'

export type Client = PrismaClient

/** The Postgres schema `chat`. */
export const createClient = (adapter: SqlDriverAdapterFactory): Client =>
  new PrismaClient({ adapter, errorFormat: 'minimal' })
