import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, type Env, readBoolean, readList, readOneOf, readString } from '@switchboard/kit/config'

/** How a password is hashed here, for a server that does not do it itself. */
export type PasswordHash = 'ssha512' | 'argon2'

/** An LDAP server, or several that hold the same. */
export interface LdapConfig {
  /** `ldap://` or `ldaps://`; each new connection goes to the first that answers. */
  urls: readonly [string, ...string[]]
  /** The DN that `ou=users` and `ou=groups` are below. */
  base: string
  /** Who makes changes. */
  manager: { dn: string; password: string }
  startTls: boolean
  /** Certificates in PEM that the server's is signed by; absent: the authorities that Node knows. */
  ca: string | undefined
  passwordHash: PasswordHash
}

const SCHEMES = ['ldap:', 'ldaps:']

/** A server and nothing else: what an LDAP URL may name besides (RFC 4516) has variables of its own. */
function isServer(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(url)
  if (!SCHEMES.includes(protocol) || hostname === '') return false
  return ['', '/'].includes(pathname) && `${username}${password}${search}${hash}` === ''
}

function readUrls(env: Env): [string, ...string[]] {
  const [first, ...more] = readList(env, 'LDAP_URL')
  if (first === undefined) throw new ConfigError('LDAP_URL is missing; NEMESIS_DIRECTORY=ldap needs it')
  if (![first, ...more].every(isServer)) {
    throw new ConfigError(
      'LDAP_URL takes comma-separated servers such as ldap://host:389 or ldaps://host:636, and nothing after them',
    )
  }
  return [first, ...more]
}

/** A DN whose values need no escape, so that DNs below it are known by how they end. */
const PLAIN_DN =
  /^[a-z][a-z0-9-]*=[^\s,+="\\<>;#][^,+="\\<>;]*(?:,[a-z][a-z0-9-]*=[^\s,+="\\<>;#][^,+="\\<>;]*)*$/i

function readBase(env: Env): string {
  const base = (readString(env, 'LDAP_BASE') ?? 'o=sr').replace(/\s*([,=])\s*/g, '$1')
  if (!PLAIN_DN.test(base)) {
    throw new ConfigError('LDAP_BASE takes a DN such as dc=example,dc=org, without characters to escape')
  }
  return base
}

function readManager(env: Env): LdapConfig['manager'] {
  const [dn, password] = ['LDAP_MANAGER_DN', 'LDAP_MANAGER_PASSWORD'].map((name) => {
    const value = readString(env, name)
    if (value === undefined) throw new ConfigError(`${name} is missing; NEMESIS_DIRECTORY=ldap needs it`)
    return value
  }) as [string, string]
  if (!dn.includes('=')) throw new ConfigError('LDAP_MANAGER_DN takes a DN such as cn=manager,o=sr')
  return { dn, password }
}

function readCa(env: Env): string | undefined {
  const file = readString(env, 'LDAP_CA')
  if (file === undefined) return undefined
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(`LDAP_CA names a file that cannot be read (${code})`)
  }
  try {
    new X509Certificate(pem)
  } catch {
    throw new ConfigError('LDAP_CA takes a file of certificates in PEM')
  }
  return pem
}

/** @throws ConfigError where something is missing or does not parse */
export function readLdapConfig(env: Env): LdapConfig {
  const urls = readUrls(env)
  const startTls = readBoolean(env, 'LDAP_STARTTLS', false)
  if (startTls && urls.some((url) => new URL(url).protocol === 'ldaps:')) {
    throw new ConfigError('LDAP_STARTTLS=true is for ldap:// servers: ldaps:// is encrypted from the start')
  }
  return {
    urls,
    base: readBase(env),
    manager: readManager(env),
    startTls,
    ca: readCa(env),
    passwordHash: readOneOf(env, 'LDAP_PASSWORD_HASH', ['ssha512', 'argon2'], 'ssha512'),
  }
}
