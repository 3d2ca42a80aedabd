import { ACCOUNTS_MIGRATIONS, type Accounts, createAccounts } from '@switchboard/auth/accounts'
import type { Broker } from '@switchboard/hub/broker'
import type { Database } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import type { Audit } from './audit.ts'
import type { Directory } from './directory.ts'
import { auditTable } from './store/audit.ts'
import { openStore } from './store/client.ts'
import { databaseDirectory } from './store/directory.ts'
import { type Membership, membership } from './store/membership.ts'
import { type RegistrationQueue, registrationQueue } from './store/registrations.ts'
import { type Seeds, seeds } from './store/seeds.ts'

/** Everything that nemesis keeps, and the accounts. */
export interface Storage extends AsyncDisposable {
  accounts: Accounts
  directory: Directory
  membership: Membership
  queue: RegistrationQueue
  seeds: Seeds
  audit: Audit
}

const MIGRATIONS = { schema: 'nemesis', folder: new URL('../prisma/migrations/', import.meta.url) }

/** Makes the tables that are missing. Disposing leaves the database to its owner. */
export async function openStorage({
  database,
  broker,
}: {
  database: Database
  broker: Pick<Broker, 'publish'>
}): Promise<Storage> {
  await migrate(database, ACCOUNTS_MIGRATIONS)
  await migrate(database, MIGRATIONS)
  const accounts = createAccounts({ database, broker })
  const db = openStore(database.adapter('nemesis'))
  return {
    accounts,
    directory: databaseDirectory({ db, accounts }),
    membership: membership(db),
    queue: registrationQueue(db),
    seeds: seeds(db),
    audit: auditTable(db),
    async [Symbol.asyncDispose]() {
      await Promise.all([accounts.close(), db.$disconnect()])
    },
  }
}
