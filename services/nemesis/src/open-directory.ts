import { ACCOUNTS_MIGRATIONS, createAccounts } from '@switchboard/auth/accounts'
import type { Revocations } from '@switchboard/auth/revocations'
import type { Audience } from '@switchboard/auth/tokens'
import type { Broker } from '@switchboard/hub/broker'
import type { Database } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import type { Directory } from './directory.ts'
import type { PrismaClient } from './generated/client.ts'
import { databaseDirectory } from './store/directory.ts'

/** A directory, and the tokens of its people. */
export interface OpenDirectory extends AsyncDisposable {
  directory: Directory
  revocations: Revocations
  /** Tokens of one kind of directory are no good on the other, where the same id is somebody else. */
  audience: Audience
}

/** Where people are accounts; their tables are made where they are missing. */
export async function openDatabaseDirectory({
  database,
  db,
  broker,
}: {
  database: Database
  db: PrismaClient
  broker: Pick<Broker, 'publish'>
}): Promise<OpenDirectory> {
  await migrate(database, ACCOUNTS_MIGRATIONS)
  const accounts = createAccounts({ database, broker })
  return {
    directory: databaseDirectory({ db, accounts, database }),
    revocations: accounts.revocations,
    audience: 'nemesis',
    [Symbol.asyncDispose]: () => accounts.close(),
  }
}
