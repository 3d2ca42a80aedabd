import { nameKey, parseEmail, parsePassword, parseUsername } from '@switchboard/protocol/names'
import { parseField } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Entry } from './ldif.ts'
import { isCollegeName, isTeamName } from './places.ts'
import type { College, Role } from './rights.ts'

export interface RosterPerson {
  /** Counted from 1, where the person is in the file. */
  line: number
  userid: string
  firstName: string
  surname: string
  email: string | undefined
  /** As it is typed; `undefined` where the file has none, or a hash of it only. */
  password: string | undefined
  /** The file has a hash of the password, which nobody can type. */
  hashed: boolean
  roles: Role[]
  /** Names: `college-<x>`. */
  colleges: string[]
  /** Names: `team-<x>`. */
  teams: string[]
}

/** Everyone in a file. */
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
  line: number
  name: string
  description: string | undefined
  members: readonly string[]
}

const valuesOf = (entry: Entry, name: string): string[] => entry.attributes.get(name) ?? []
const first = (entry: Entry, name: string): string | undefined => valuesOf(entry, name)[0]
const isA = (entry: Entry, objectClass: string): boolean =>
  valuesOf(entry, 'objectclass').some((one) => one.toLowerCase() === objectClass)

/** `{SSHA}…` and the like: RFC 2307. */
const HASHED = /^\{[\w-]+\}/

const groupOf = (entry: Entry): Group => ({
  line: entry.line,
  name: first(entry, 'cn') ?? '',
  description: first(entry, 'description'),
  members: valuesOf(entry, 'memberuid'),
})

/** The groups of each member, by userid. */
function groupsByMember(groups: readonly Group[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { name, members } of groups)
    for (const member of members) {
      const names = found.get(member)
      if (names) names.add(name)
      else found.set(member, new Set([name]))
    }
  return found
}

function personOf(entry: Entry, groups: ReadonlyMap<string, ReadonlySet<string>>): Result<RosterPerson> {
  const [userid, firstName, surname] = ['uid', 'cn', 'sn'].map((name) => first(entry, name))
  if (!userid || !firstName || !surname) return err(`line ${entry.line}: a person has uid, cn and sn`)
  const own = [...(groups.get(userid) ?? [])]
  const password = first(entry, 'userpassword')
  const hashed = password !== undefined && HASHED.test(password)
  return ok({
    line: entry.line,
    userid,
    firstName,
    surname,
    email: first(entry, 'mail'),
    password: hashed ? undefined : password,
    hashed,
    roles: own.flatMap((name) => ROLE_OF_GROUP.get(name) ?? []),
    colleges: own.filter((name) => name.startsWith('college-')),
    teams: own.filter((name) => name.startsWith('team-')),
  })
}

function collegeOf({ line, name, description }: Group): Result<College> {
  if (!isCollegeName(name)) return err(`line ${line}: cn: a college has a name such as college-1`)
  const title = parseField(description ?? name)
  return title.ok ? ok({ name, title: title.value }) : err(`line ${line}: description: ${title.error}`)
}

const teamOf = ({ line, name }: Group): Result<string> =>
  isTeamName(name) ? ok(name) : err(`line ${line}: cn: a team has a name such as team-ABC`)

/** All of them, or the first error. */
function all<T>(results: readonly Result<T>[]): Result<T[]> {
  const bad = results.find((one) => !one.ok)
  return bad ?? ok(results.flatMap((one) => (one.ok ? [one.value] : [])))
}

/**
 * People (`inetOrgPerson`) and groups (`posixGroup`) as Student Robotics laid them out; other entries are left out. An error
 * names the line, and repeats nothing of it.
 */
export function rosterOf(entries: readonly Entry[]): Result<Roster> {
  const groups = entries.filter((entry) => isA(entry, 'posixgroup')).map(groupOf)
  const byMember = groupsByMember(groups)
  const persons = entries.filter((entry) => isA(entry, 'inetorgperson'))
  const people = all(persons.map((entry) => personOf(entry, byMember)))
  if (!people.ok) return people
  const named = (prefix: string) => groups.filter(({ name }) => name.startsWith(prefix))
  const colleges = all(named('college-').map(collegeOf))
  if (!colleges.ok) return colleges
  const teams = all(named('team-').map(teamOf))
  return teams.ok ? ok({ people: people.value, colleges: colleges.value, teams: teams.value }) : teams
}

/** The person as a directory could have it, or what is impossible about it. Whether names are taken is for the directory. */
function checkPerson(person: RosterPerson): Result<RosterPerson> {
  const userid = parseUsername(person.userid)
  if (!userid.ok) return err(`userid: ${userid.error}`)
  const firstName = parseField(person.firstName)
  if (!firstName.ok) return err(`first name: ${firstName.error}`)
  const surname = parseField(person.surname)
  if (!surname.ok) return err(`surname: ${surname.error}`)
  const email = person.email === undefined ? undefined : parseEmail(person.email)
  if (email && !email.ok) return err(`e-mail: ${email.error}`)
  const password = person.password === undefined ? undefined : parsePassword(person.password)
  if (password && !password.ok) return err(`password: ${password.error}`)
  return ok({
    ...person,
    userid: userid.value.name,
    firstName: firstName.value,
    surname: surname.value,
    email: email?.value.name,
  })
}

export interface CheckedPerson {
  line: number
  person: Result<RosterPerson>
}

/** Each by itself, and refused where an earlier one has the userid. */
export function checkPeople(people: readonly RosterPerson[]): CheckedPerson[] {
  const lines = new Map<string, number>()
  return people.map((one) => {
    const person = checkPerson(one)
    if (!person.ok) return { line: one.line, person }
    const key = nameKey(person.value.userid)
    const twin = lines.get(key)
    if (twin !== undefined) return { line: one.line, person: err(`userid: is that of line ${twin} too`) }
    lines.set(key, one.line)
    return { line: one.line, person }
  })
}
