import { nameKey, parseEmail, parseUsername } from '@switchboard/protocol/names'
import type { Entry, Filter } from 'ldapts'
import type { Directory, Person } from '../directory.ts'
import type { College, Role } from '../domain/rights.ts'
import { firstOf, valuesOf } from './entry.ts'
import { all, any, equals, isGroup, isPerson, startsWith } from './filters.ts'
import { COLLEGE, type Layout, ROLE_GROUPS, TEAM } from './layout.ts'
import type { Pool } from './pool.ts'

/** Somebody in the directory, and where. */
export interface Found {
  dn: string
  person: Person
}

export interface Reader
  extends Pick<Directory, 'personByEmail' | 'members' | 'colleges' | 'hasTeam' | 'useridsFrom' | 'ping'> {
  find(userid: string): Promise<Found | undefined>
  /** Names of the groups that hold this very `memberUid`. */
  groupsOf(userid: string): Promise<string[]>
  /** Those of the names that are groups, as the directory writes them. */
  groupsNamed(names: readonly string[]): Promise<string[]>
  /** Every group's number. */
  gidNumbers(): Promise<number[]>
}

const collegeOf = (group: Entry): College[] =>
  valuesOf(group, 'cn')
    .filter((name) => name.startsWith(COLLEGE))
    .map((name) => ({ name, title: firstOf(group, 'description') ?? name }))

function rolesOf(groups: readonly Entry[]): Role[] {
  const names = new Set(groups.flatMap((group) => valuesOf(group, 'cn')))
  return (Object.keys(ROLE_GROUPS) as Role[]).filter((role) => names.has(ROLE_GROUPS[role]))
}

const PERSON = ['uid', 'cn', 'sn', 'mail']
const NAMED = ['cn', 'description']

export function reader(pool: Pick<Pool, 'run'>, { base, people, groups, ...layout }: Layout): Reader {
  async function search(below: string, filter: Filter, attributes: string[]): Promise<Entry[]> {
    return (await pool.run((client) => client.search(below, { filter, attributes }))).searchEntries
  }

  /** Person and groups at once. Servers compare userids with less care than we do: see `nameKey`. */
  async function look(userid: string): Promise<Found | undefined> {
    const self = all(isPerson, equals('uid', userid))
    const own = all(isGroup, equals('memberUid', userid))
    const entries = await search(base, any(self, own), [...PERSON, ...NAMED])
    const memberships = entries.filter(({ dn }) => layout.isGroup(dn))
    for (const entry of entries.filter(({ dn }) => layout.isPerson(dn))) {
      const written = valuesOf(entry, 'uid').find((uid) => nameKey(uid) === nameKey(userid))
      if (written === undefined) continue
      const person: Person = {
        userid: written,
        firstName: firstOf(entry, 'cn') ?? '',
        surname: firstOf(entry, 'sn') ?? '',
        email: firstOf(entry, 'mail'),
        roles: rolesOf(memberships),
        colleges: memberships.flatMap(collegeOf),
      }
      return { dn: entry.dn, person }
    }
    return undefined
  }

  async function find(userid: string): Promise<Found | undefined> {
    const parsed = parseUsername(userid)
    if (!parsed.ok) return undefined
    const found = await look(parsed.value.name)
    // Groups name their members letter for letter.
    return found && found.person.userid !== parsed.value.name ? look(found.person.userid) : found
  }

  return {
    find,

    async personByEmail(email) {
      const parsed = parseEmail(email)
      if (!parsed.ok) return undefined
      const { name, key } = parsed.value
      const entries = await search(people, all(isPerson, equals('mail', name)), ['uid', 'mail'])
      const [userid] = entries
        .filter((entry) => valuesOf(entry, 'mail').some((mail) => nameKey(mail) === key))
        .flatMap((entry) => firstOf(entry, 'uid') ?? [])
      return userid === undefined ? undefined : (await find(userid))?.person
    },

    async members(college) {
      const filter = all(isGroup, any(equals('cn', college), startsWith('cn', TEAM)))
      const found = await search(groups, filter, ['cn', 'memberUid'])
      const named = (name: string) => found.find((group) => valuesOf(group, 'cn').includes(name))
      const own = named(college)
      const userids = new Set(own ? valuesOf(own, 'memberUid') : [])
      const teams = found
        .filter((group) => valuesOf(group, 'memberUid').some((userid) => userids.has(userid)))
        .flatMap((group) => valuesOf(group, 'cn'))
        .filter((name) => name.startsWith(TEAM))
      return { userids: [...userids], teams }
    },

    async colleges() {
      return (await search(groups, all(isGroup, startsWith('cn', COLLEGE)), NAMED)).flatMap(collegeOf)
    },

    async hasTeam(name) {
      if (!name.startsWith(TEAM)) return false
      const found = await search(groups, all(isGroup, equals('cn', name)), ['cn'])
      return found.some((group) => valuesOf(group, 'cn').includes(name))
    },

    async useridsFrom(prefix) {
      const taken = any(startsWith('uid', prefix), startsWith('memberUid', prefix))
      const entries = await search(base, taken, ['uid', 'memberUid'])
      const userids = entries.flatMap((entry) => [...valuesOf(entry, 'uid'), ...valuesOf(entry, 'memberUid')])
      return [...new Set(userids)].filter((userid) => nameKey(userid).startsWith(nameKey(prefix)))
    },

    async groupsOf(userid) {
      const found = await search(groups, all(isGroup, equals('memberUid', userid)), ['cn'])
      return found.flatMap((group) => firstOf(group, 'cn') ?? [])
    },

    async groupsNamed(names) {
      if (names.length === 0) return []
      const filter = all(isGroup, any(...names.map((name) => equals('cn', name))))
      return (await search(groups, filter, ['cn'])).flatMap((group) => valuesOf(group, 'cn'))
    },

    async gidNumbers() {
      return (await search(groups, isGroup, ['gidNumber'])).map((group) =>
        Number(firstOf(group, 'gidNumber')),
      )
    },

    async ping() {
      await pool.run((client) => client.search(people, { scope: 'base', attributes: ['1.1'] }))
    },
  }
}
