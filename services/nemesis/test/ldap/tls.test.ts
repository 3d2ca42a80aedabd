import { readFile } from 'node:fs/promises'
import { isUnavailable } from '@switchboard/kit/database'
import { findServer } from '@switchboard/testing/servers'
import { type LiveSlapd, liveSlapd } from '@switchboard/testing/slapd'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapConfig } from '../../src/ldap/config.ts'
import { openLdapDirectory } from '../../src/ldap/directory.ts'
import { DEMO_LDIF, hasSlapd } from '../support/slapd.ts'
import { configFor, directoryAt, memorySubjects } from './support.ts'

describe.skipIf(!hasSlapd || !findServer('openssl'))('an encrypted connection', () => {
  let slapd: LiveSlapd
  let stranger: LiveSlapd
  let elsewhere: LiveSlapd
  beforeAll(async () => {
    ;[slapd, stranger, elsewhere] = await Promise.all([
      liveSlapd({ ldif: DEMO_LDIF, tls: true }),
      liveSlapd({ ldif: DEMO_LDIF, tls: true }),
      liveSlapd({ ldif: DEMO_LDIF, tls: { names: 'DNS:elsewhere.example.org' } }),
    ])
  })
  afterAll(() => Promise.all([slapd, stranger, elsewhere].map((server) => server[Symbol.asyncDispose]())))

  const authority = ({ certificates }: LiveSlapd): Promise<string> => readFile(certificates?.ca ?? '', 'utf8')

  const WAYS = [
    ['StartTLS', ({ url }: LiveSlapd) => ({ urls: [url], startTls: true }) as const],
    ['ldaps', ({ tlsUrl }: LiveSlapd) => ({ urls: [tlsUrl] }) as const],
    [
      'ldaps, to a host of a name',
      ({ tlsUrl }: LiveSlapd) => ({ urls: [tlsUrl.replace('127.0.0.1', 'localhost')] }) as const,
    ],
  ] as const

  it.each(WAYS)('by %s is good for everything', async (_way, of) => {
    using directory = directoryAt(slapd, { ...of(slapd), ca: await authority(slapd) })
    expect(await directory.person('teacher_coll1')).toMatchObject({ firstName: 'teacher1' })
    expect((await directory.authenticate('teacher_coll1', 'facebees')).ok).toBe(true)
    expect((await directory.authenticate('teacher_coll1', 'wrong')).ok).toBe(false)
    // Another connection, once the first are lost.
    await slapd.stop()
    await slapd.start()
    expect((await directory.authenticate('teacher_coll1', 'facebees')).ok).toBe(true)
  })

  const refused = async (config: Partial<LdapConfig>, why: RegExp) => {
    using directory = directoryAt(slapd, config)
    await expect(directory.authenticate('teacher_coll1', 'facebees')).rejects.toSatisfy(isUnavailable)
    const parts = { config: configFor(slapd, config), subjects: memorySubjects() }
    await expect(openLdapDirectory({ ...parts, exclusive: (work) => work() })).rejects.toThrow(why)
  }

  it.each(WAYS.slice(0, 2))('by %s is not made to a server of an unknown authority', async (_way, of) => {
    const unknown = /^LDAP_URL: the LDAP server cannot be used: \w*(CERT|SIGNATURE)\w*$/
    await refused(of(slapd), unknown)
    await refused({ ...of(slapd), ca: await authority(stranger) }, unknown)
  })

  it.each(WAYS.slice(0, 2))('by %s is not made to a server of another name', async (_way, of) => {
    const config = { ...of(elsewhere), ca: await authority(elsewhere) }
    await refused(config, /^LDAP_URL: the LDAP server cannot be used: ERR_TLS_CERT_ALTNAME_INVALID$/)
  })

  it('is not done without where the server has no StartTLS', async () => {
    await using plain = await liveSlapd({ ldif: DEMO_LDIF })
    await refused({ urls: [plain.url], startTls: true }, /^LDAP_URL: .* result code 2 to .*StartTLS$/)
  })
})
