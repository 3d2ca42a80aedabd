import { isIP } from 'node:net'
import {
  type CommonConfig,
  ConfigError,
  type Env,
  readBoolean,
  readCommonConfig,
  readOneOf,
} from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export interface NemesisConfig extends CommonConfig {
  /** `/deauth` tells whether there was something to take back. */
  debug: boolean
  /** The demo people are in the database; where not, a database that holds them stops the start. */
  demo: boolean
}

const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

export function readConfig(env: Env): NemesisConfig {
  const common = readCommonConfig(env, { port: SERVICES.nemesis })
  if (readOneOf(env, 'NEMESIS_DIRECTORY', ['database', 'ldap'], 'database') === 'ldap') {
    throw new ConfigError(
      'NEMESIS_DIRECTORY=ldap is not taken yet: this version has the database directory only',
    )
  }
  const { databaseUrl, production, host } = common
  return {
    ...common,
    debug: readBoolean(env, 'NEMESIS_DEBUG', false),
    // Published passwords are for those who sit at this machine.
    demo: databaseUrl === undefined && !production && isLoopback(host),
  }
}
