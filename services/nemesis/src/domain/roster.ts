import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Entry } from './ldif.ts'
import type { College, Role } from './rights.ts'

export interface RosterPerson {
  userid: string
  firstName: string
  surname: string
  email: string | undefined
  /** As it is typed; `undefined` where the directory has none, or a hash of it only. */
  password: string | undefined
  roles: Role[]
  /** Names: `college-<x>`. */
  colleges: string[]
  /** Names: `team-<x>`. */
  teams: string[]
}

/** Everyone in a directory. */
export interface Roster {
  people: RosterPerson[]
  colleges: College[]
  teams: string[]
}

/** How Student Robotics named the groups of its directory. */
const ROLE_OF_GROUP: ReadonlyMap<string, Role> = new Map([
  ['teachers', 'team-leader'],
  ['mentors', 'blueshirt'],
  ['admins', 'administrator'],
])

interface Group {
  name: string
  description: string | undefined
  members: Set<string>
}

const valuesOf = (entry: Entry, name: string): string[] => entry.attributes.get(name) ?? []
const first = (entry: Entry, name: string): string | undefined => valuesOf(entry, name)[0]
const isA = (entry: Entry, objectClass: string): boolean =>
  valuesOf(entry, 'objectclass').some((one) => one.toLowerCase() === objectClass)

/** `{SSHA}…` and the like: RFC 2307. */
const HASHED = /^\{[\w-]+\}/

const groupOf = (entry: Entry): Group => ({
  name: first(entry, 'cn') ?? '',
  description: first(entry, 'description'),
  members: new Set(valuesOf(entry, 'memberuid')),
})

function personOf(entry: Entry, groups: readonly Group[]): Result<RosterPerson> {
  const [userid, firstName, surname] = ['uid', 'cn', 'sn'].map((name) => first(entry, name))
  if (!userid || !firstName || !surname) return err(`${entry.dn}: a person has uid, cn and sn`)
  const own = groups.filter(({ members }) => members.has(userid)).map(({ name }) => name)
  const password = first(entry, 'userpassword')
  return ok({
    userid,
    firstName,
    surname,
    email: first(entry, 'mail'),
    password: password !== undefined && HASHED.test(password) ? undefined : password,
    roles: own.flatMap((name) => ROLE_OF_GROUP.get(name) ?? []),
    colleges: own.filter((name) => name.startsWith('college-')),
    teams: own.filter((name) => name.startsWith('team-')),
  })
}

/** People (`inetOrgPerson`) and groups (`posixGroup`) as Student Robotics laid them out; other entries are left out. */
export function rosterOf(entries: readonly Entry[]): Result<Roster> {
  const groups = entries.filter((entry) => isA(entry, 'posixgroup')).map(groupOf)
  const people: RosterPerson[] = []
  for (const entry of entries.filter((one) => isA(one, 'inetorgperson'))) {
    const person = personOf(entry, groups)
    if (!person.ok) return person
    people.push(person.value)
  }
  const named = (prefix: string) => groups.filter(({ name }) => name.startsWith(prefix))
  return ok({
    people,
    colleges: named('college-').map(({ name, description }) => ({ name, title: description ?? name })),
    teams: named('team-').map(({ name }) => name),
  })
}
