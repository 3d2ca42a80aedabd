import { readFileSync } from 'node:fs'
import { findServer } from '@switchboard/testing/servers'
import { type LiveSlapd, liveSlapd, SLAPD_BASE, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import { Attribute, Change, Client } from 'ldapts'

/** `false`: what needs an LDAP server cannot run here. */
export const hasSlapd = findServer('slapd') !== undefined && findServer('ldapwhoami') !== undefined

export const DEMO_LDIF = readFileSync(new URL('../../demo/people.ldif', import.meta.url), 'utf8')

/** With the demo people. */
export const demoSlapd = (): Promise<LiveSlapd> => liveSlapd({ ldif: DEMO_LDIF })

/** What makes the service use it. */
export const ldapEnv = ({ url }: Pick<LiveSlapd, 'url'>): Record<string, string> => ({
  NEMESIS_DIRECTORY: 'ldap',
  LDAP_URL: url,
  LDAP_BASE: SLAPD_BASE,
  LDAP_MANAGER_DN: SLAPD_MANAGER.dn,
  LDAP_MANAGER_PASSWORD: SLAPD_MANAGER.password,
})

/** Takes somebody out of every group, as an administrator of the server would. */
export async function leaveGroups({ url }: Pick<LiveSlapd, 'url'>, userid: string): Promise<void> {
  await using client = new Client({ url })
  await client.bind(SLAPD_MANAGER.dn, SLAPD_MANAGER.password)
  const { searchEntries } = await client.search(SLAPD_BASE, { filter: `(memberUid=${userid})` })
  const modification = new Attribute({ type: 'memberUid', values: [userid] })
  for (const { dn } of searchEntries) {
    await client.modify(dn, new Change({ operation: 'delete', modification }))
  }
}
