import { nameKey } from '@switchboard/protocol/names'
import { type LiveSlapd, SLAPD_BASE, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import type { LdapConfig } from '../../src/ldap/config.ts'
import { ldapDirectory } from '../../src/ldap/directory.ts'
import type { Subjects } from '../../src/store/subjects.ts'
import { DEMO_LDIF } from '../support/slapd.ts'

/** The base and what everything is below. */
export const EMPTY_LDIF = DEMO_LDIF.slice(0, DEMO_LDIF.indexOf('dn: uid='))

/** Of the demo people. */
export const dnOf = (userid: string): string => `uid=${userid},ou=users,${SLAPD_BASE}`

export const configFor = ({ url }: Pick<LiveSlapd, 'url'>, more: Partial<LdapConfig> = {}): LdapConfig => ({
  urls: [url],
  base: SLAPD_BASE,
  manager: SLAPD_MANAGER,
  startTls: false,
  ca: undefined,
  passwordHash: 'ssha512',
  ...more,
})

/** Kept in memory. */
export function memorySubjects(): Subjects {
  const known = new Map<string, { id: number; generation: number }>()
  let last = 0
  return {
    async of(username) {
      const key = nameKey(username)
      const subject = known.get(key) ?? { id: ++last, generation: 0 }
      known.set(key, subject)
      return { ...subject, username }
    },
    async bump(userid) {
      const subject = known.get(nameKey(userid))
      if (subject) subject.generation++
    },
    async forget(userid) {
      known.delete(nameKey(userid))
    },
  }
}

/** On subjects in memory, for tests of one directory in one process. */
export function directoryAt(slapd: Pick<LiveSlapd, 'url'>, more: Partial<LdapConfig> = {}) {
  let last: Promise<unknown> = Promise.resolve()
  return ldapDirectory({
    config: configFor(slapd, more),
    subjects: memorySubjects(),
    exclusive: (work) => {
      const done = last.then(work)
      last = done.catch(() => {})
      return done
    },
  })
}
