import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type ChildServer, childServer } from './child-server.ts'
import { freePort } from './port.ts'
import { findServer } from './servers.ts'
import { tempDir } from './temp.ts'

const run = promisify(execFile)

/** An OpenLDAP of one test file, on its ports for as long as it is there. Its people outlive a stop. */
export interface LiveSlapd extends ChildServer, AsyncDisposable {
  /** `ldap://127.0.0.1:<port>`; takes StartTLS where there are certificates */
  url: string
  /** `ldaps://127.0.0.1:<port>`; empty where there are no certificates */
  tlsUrl: string
  /** Of {@link SlapdOptions.tls}: what its certificate is signed by. */
  certificates: Certificates | undefined
  /** How many searches it has answered since it started, but for those that ask this. */
  searches(): Promise<number>
  /** What `ldapwhoami` says to a bind: the DN, or `undefined` where the password is not right. */
  whoami(dn: string, password: string): Promise<string | undefined>
}

export interface SlapdOptions {
  /** Entries to begin with, as text. */
  ldif?: string
  /** With a certificate for 127.0.0.1 and localhost, or for these names (`DNS:example.org`). */
  tls?: boolean | { names: string }
  /** `false`: neither takes nor offers the password modify operation (RFC 3062). `refused`: offers it, and does not take it. */
  passwordModify?: boolean | 'refused'
}

export const SLAPD_BASE = 'o=sr'
export const SLAPD_MANAGER = { dn: `cn=manager,${SLAPD_BASE}`, password: 'the manager’s own' }

const SCHEMAS = ['core', 'cosine', 'inetorgperson', 'nis']
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'
const SEARCHES = 'cn=Search,cn=Operations,cn=Monitor'

/** LDAP's result code for a password that is not right, which ldap-utils end with. */
const INVALID_CREDENTIALS = 49

/** `slapd.conf`. With `pw-sha2` and `argon2` it knows the hashes that were made elsewhere. */
function configuration(
  dir: string,
  certificates: Certificates | undefined,
  passwordModify: boolean | 'refused',
): string {
  return [
    ...SCHEMAS.map((schema) => `include /etc/ldap/schema/${schema}.schema`),
    'modulepath /usr/lib/ldap',
    ...['back_mdb', 'back_monitor', 'pw-sha2', 'argon2'].map((module) => `moduleload ${module}`),
    `pidfile ${join(dir, 'pid')}`,
    ...(certificates
      ? [
          `TLSCACertificateFile ${certificates.ca}`,
          `TLSCertificateFile ${certificates.certificate}`,
          `TLSCertificateKeyFile ${certificates.key}`,
        ]
      : []),
    ...(passwordModify === true ? [] : [`restrict extended=${PASSWORD_MODIFY}`]),
    ...(passwordModify === false ? ['access to dn.base="" attrs=supportedExtension by * none'] : []),
    'access to * by * read',
    'database mdb',
    `suffix "${SLAPD_BASE}"`,
    `directory ${dir}`,
    'maxsize 268435456',
    // Nobody's data: a test need not wait for the disk.
    'dbnosync',
    `rootdn "${SLAPD_MANAGER.dn}"`,
    `rootpw "${SLAPD_MANAGER.password}"`,
    'index objectClass,memberUid,mail eq',
    'index uid,cn eq,sub',
    'access to attrs=userPassword by * auth',
    'access to * by * read',
    'database monitor',
    '',
  ].join('\n')
}

/** LDAP's anonymous bind; whatever comes back, somebody answers. */
const ANONYMOUS_BIND = Buffer.from('300c020101600702010304008000', 'hex')

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(ANONYMOUS_BIND))
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => settle(false))
    socket.once('data', () => settle(true))
    socket.once('close', () => settle(false))
    socket.once('error', () => settle(false))
  })
}

function program(name: 'slapd' | 'ldapwhoami'): string {
  const found = findServer(name)
  if (!found) throw new Error(`${name} is not installed`)
  return found
}

/** Starts an OpenLDAP on a free port, with its data in a directory of its own. */
export async function liveSlapd({
  ldif,
  tls = false,
  passwordModify = true,
}: SlapdOptions = {}): Promise<LiveSlapd> {
  const slapd = program('slapd')
  const whoami = program('ldapwhoami')
  const dir = await tempDir()
  const certificates = tls
    ? await makeCertificates(dir.path, tls === true ? undefined : tls.names)
    : undefined
  const config = join(dir.path, 'slapd.conf')
  await writeFile(config, configuration(dir.path, certificates, passwordModify))
  if (ldif !== undefined) {
    const entries = join(dir.path, 'entries.ldif')
    await writeFile(entries, ldif)
    await run(join(slapd, '..', 'slapadd'), ['-q', '-f', config, '-b', SLAPD_BASE, '-l', entries])
  }
  const [port, tlsPort] = [await freePort(), tls ? await freePort() : 0]
  const url = `ldap://127.0.0.1:${port}`
  const tlsUrl = tls ? `ldaps://127.0.0.1:${tlsPort}` : ''
  let asked = 0
  const server = childServer({
    name: 'slapd',
    launch() {
      asked = 0
      // It makes a table as long as it may open files, which may be gigabytes.
      const limited = ['-c', 'ulimit -n 1024; exec "$0" "$@"', slapd]
      const flags = ['-f', config, '-h', `${url} ${tlsUrl}`, '-d', '0']
      return spawn('/bin/sh', [...limited, ...flags], { stdio: 'ignore' })
    },
    answers: () => answers(port),
  })
  await server.start()
  return {
    ...server,
    url,
    tlsUrl,
    certificates,
    async searches() {
      const as = ['-x', '-H', url, '-D', SLAPD_MANAGER.dn, '-w', SLAPD_MANAGER.password]
      const what = ['-LLL', '-s', 'base', '-b', SEARCHES, 'monitorOpCompleted']
      const { stdout } = await run(join(whoami, '..', 'ldapsearch'), [...as, ...what])
      const completed = /monitorOpCompleted: (\d+)/.exec(stdout)?.[1]
      return Number(completed) - asked++
    },
    async whoami(dn, password) {
      try {
        return (await run(whoami, ['-x', '-H', url, '-D', dn, '-w', password])).stdout.trim()
      } catch (error) {
        if ((error as { code?: unknown }).code === INVALID_CREDENTIALS) return undefined
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      await server.kill()
      await dir[Symbol.asyncDispose]()
    },
  }
}
