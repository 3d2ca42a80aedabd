import { type Database, openDatabase } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import { inMemory } from '@switchboard/testing/pglite'
import { ACCOUNTS_MIGRATIONS } from '../../src/accounts.ts'

/** An empty database with the accounts' tables: PGlite in memory, or the PostgreSQL at `url`. */
export async function accountsDatabase(url?: string): Promise<Database> {
  const database = await openDatabase({ ...(await inMemory()), url })
  await migrate(database, ACCOUNTS_MIGRATIONS)
  return database
}
