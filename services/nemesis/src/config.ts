import { isIP } from 'node:net'
import {
  type CommonConfig,
  type Env,
  readBoolean,
  readCommonConfig,
  readOneOf,
} from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'
import { type LdapConfig, readLdapConfig } from './ldap/config.ts'
import { type MailConfig, readMailConfig } from './mail/config.ts'

export interface NemesisConfig extends CommonConfig {
  /** `/deauth` tells whether there was something to take back. */
  debug: boolean
  /** The demo people are put into the database. */
  demo: boolean
  /** A directory that holds one of them, with the published password, stops the start. */
  refuseDemo: boolean
  /** Where people are kept; `undefined`: in the database. */
  ldap: LdapConfig | undefined
  mail: MailConfig
}

const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

export function readConfig(env: Env): NemesisConfig {
  const common = readCommonConfig(env, { port: SERVICES.nemesis })
  const inLdap = readOneOf(env, 'NEMESIS_DIRECTORY', ['database', 'ldap'], 'database') === 'ldap'
  const { databaseUrl, production, host } = common
  // Published passwords are for those who sit at this machine.
  const forThisMachine = !production && isLoopback(host)
  return {
    ...common,
    debug: readBoolean(env, 'NEMESIS_DEBUG', false),
    demo: forThisMachine && !inLdap && databaseUrl === undefined,
    // Who tries nemesis on an LDAP server of their own may have put them in there.
    refuseDemo: !forThisMachine || (!inLdap && databaseUrl !== undefined),
    ldap: inLdap ? readLdapConfig(env) : undefined,
    mail: readMailConfig(env, common),
  }
}
