import { ACCOUNTS_MIGRATIONS, createAccounts } from '@switchboard/auth/accounts'
import type { Revocations } from '@switchboard/auth/revocations'
import type { Audience } from '@switchboard/auth/tokens'
import type { Broker } from '@switchboard/hub/broker'
import type { Database } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import type { Directory } from './directory.ts'
import type { PrismaClient } from './generated/client.ts'
import { changeLock } from './ldap/change-lock.ts'
import type { LdapConfig } from './ldap/config.ts'
import { openLdapDirectory } from './ldap/directory.ts'
import { databaseDirectory } from './store/directory.ts'
import { subjectRevocations, subjects } from './store/subjects.ts'

/** A directory, and the tokens of its people. */
export interface OpenDirectory extends AsyncDisposable {
  directory: Directory
  revocations: Revocations
  /** Tokens of one kind of directory are no good on the other, where the same id is somebody else. */
  audience: Audience
}

interface DirectoryParts {
  database: Database
  db: PrismaClient
  broker: Pick<Broker, 'publish'>
}

/** Where people are accounts; their tables are made where they are missing. */
async function inDatabase({ database, db, broker }: DirectoryParts): Promise<OpenDirectory> {
  await migrate(database, ACCOUNTS_MIGRATIONS)
  const accounts = createAccounts({ database, broker })
  return {
    directory: databaseDirectory({ db, accounts, database }),
    revocations: accounts.revocations,
    audience: 'nemesis',
    [Symbol.asyncDispose]: () => accounts.close(),
  }
}

/** The database keeps only which tokens are good. */
async function inLdap(config: LdapConfig, { database, db }: DirectoryParts): Promise<OpenDirectory> {
  const exclusive = changeLock(database)
  const directory = await openLdapDirectory({ config, subjects: subjects(db), exclusive })
  return {
    directory,
    revocations: subjectRevocations(database),
    audience: 'nemesis-ldap',
    [Symbol.asyncDispose]: async () => directory[Symbol.dispose](),
  }
}

/** @throws ConfigError where there is an LDAP server that cannot be used */
export const openDirectory = (ldap: LdapConfig | undefined, parts: DirectoryParts): Promise<OpenDirectory> =>
  ldap ? inLdap(ldap, parts) : inDatabase(parts)
