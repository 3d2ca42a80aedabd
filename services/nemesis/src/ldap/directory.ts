import { ConfigError } from '@switchboard/kit/config'
import { err, ok } from '@switchboard/protocol/result'
import type { Directory } from '../directory.ts'
import type { Subjects } from '../store/subjects.ts'
import type { LdapConfig } from './config.ts'
import { opener } from './connection.ts'
import { DirectoryAway, isRefusal, RESULT } from './errors.ts'
import { layout } from './layout.ts'
import { createPace } from './pace.ts'
import { createPool } from './pool.ts'
import { reader as createReader, type Found } from './reader.ts'
import { type Exclusive, writer } from './writer.ts'

export interface LdapParts {
  config: LdapConfig
  subjects: Subjects
  exclusive: Exclusive
}

/** Most connections of one process, for the manager and for checking passwords. */
const MANAGER_CONNECTIONS = 10
const BIND_CONNECTIONS = 10

/** What servers say of a password that is not right, or that is no good: locked, run out, none set. */
const NOT_LET_IN = [
  RESULT.invalidCredentials,
  RESULT.inappropriateAuthentication,
  RESULT.constraintViolation,
  RESULT.noSuchObject,
  RESULT.unwillingToPerform,
]

const WRONG = err('invalid credentials')

/** The directory in an LDAP server. Disposing closes its connections. */
export function ldapDirectory({ config, subjects, exclusive }: LdapParts): Directory & Disposable {
  const { dn, password } = config.manager
  const manager = createPool(
    opener(config, (client) => client.bind(dn, password)),
    { size: MANAGER_CONNECTIONS },
  )
  // A bind changes whom a connection belongs to, so these do nothing else.
  const binds = createPool(opener(config), { size: BIND_CONNECTIONS })
  const pace = createPace()
  const where = layout(config.base)
  const reader = createReader(manager, where)

  /** Never with an empty password: that is an anonymous bind, and a success (RFC 4513 §5.1.2). */
  async function isPassword(found: Found, secret: string): Promise<boolean> {
    try {
      await binds.run((client) => client.bind(found.dn, secret))
      return true
    } catch (error) {
      if (isRefusal(error, ...NOT_LET_IN)) return false
      throw error
    }
  }

  return {
    ...reader,
    ...writer({ ...config, pool: manager, layout: where, reader, subjects, exclusive }),

    async authenticate(userid, secret) {
      const found = await reader.find(userid)
      if (!found || secret === '') {
        await pace.pretend()
        return WRONG
      }
      return pace.check(async () => {
        // Before the bind: a change of the password while it is checked revokes what comes of the old one.
        const subject = await subjects.of(found.person.userid)
        return (await isPassword(found, secret)) ? ok(subject) : WRONG
      })
    },

    person: async (userid) => (await reader.find(userid))?.person,

    async subject(userid) {
      const found = await reader.find(userid)
      return found && subjects.of(found.person.userid)
    },

    [Symbol.dispose]() {
      manager.close()
      binds.close()
    },
  }
}

/**
 * The same, once it was asked whether it can be used. One that is away may come back; that it refuses us is told at once.
 * @throws ConfigError where certificate, manager or base are not the right ones
 */
export async function openLdapDirectory(parts: LdapParts): Promise<Directory & Disposable> {
  const directory = ldapDirectory(parts)
  try {
    await directory.ping()
    return directory
  } catch (error) {
    if (error instanceof DirectoryAway && !error.lasting) return directory
    directory[Symbol.dispose]()
    if (isRefusal(error, RESULT.noSuchObject)) {
      throw new ConfigError(
        `LDAP_BASE: there is no ou=users,${parts.config.base} that LDAP_MANAGER_DN may read`,
      )
    }
    throw new ConfigError(`LDAP_URL: ${(error as Error).message}`)
  }
}
