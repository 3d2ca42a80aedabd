import type { Broker } from '@switchboard/hub/broker'
import type { Database } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import type { Audit } from './audit.ts'
import type { NemesisConfig } from './config.ts'
import type { Links } from './mail/links.ts'
import type { Outbox } from './mail/outbox.ts'
import { type OpenDirectory, openDirectory } from './open-directory.ts'
import { openMail } from './open-mail.ts'
import { auditTable } from './store/audit.ts'
import { openStore } from './store/client.ts'
import { type RegistrationQueue, registrationQueue } from './store/registrations.ts'
import { type Seeds, seeds } from './store/seeds.ts'

/** Everything that nemesis keeps, and the directory wherever that is. */
export interface Storage extends OpenDirectory {
  queue: RegistrationQueue
  seeds: Seeds
  audit: Audit
  outbox: Outbox
  links: Links
}

export interface StorageParts {
  database: Database
  broker: Pick<Broker, 'publish'>
  config: NemesisConfig
}

const MIGRATIONS = { schema: 'nemesis', folder: new URL('../prisma/migrations/', import.meta.url) }

/** Makes the tables that are missing. Disposing leaves the database to its owner. */
export async function openStorage({ database, broker, config }: StorageParts): Promise<Storage> {
  await using stack = new AsyncDisposableStack()
  await migrate(database, MIGRATIONS)
  const db = stack.adopt(openStore(database.adapter('nemesis')), (it) => it.$disconnect())
  const directory = stack.use(await openDirectory(config.ldap, { database, db, broker }))
  const opened = stack.move()
  return {
    ...directory,
    queue: registrationQueue({ db, database }),
    seeds: seeds(db),
    audit: auditTable({ db, database }),
    ...openMail({ db, config }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
