import { parseEmail, parsePassword, parseUsername } from '@switchboard/protocol/names'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { Attribute, Change } from 'ldapts'
import type { Directory, DirectoryProblem, NewPerson, Places } from '../directory.ts'
import type { Subjects } from '../store/subjects.ts'
import type { PasswordHash } from './config.ts'
import { isRefusal, RESULT } from './errors.ts'
import { groupOfRole, groups as groupsOf } from './groups.ts'
import type { Layout } from './layout.ts'
import { modifyPassword } from './password-modify.ts'
import type { Pool } from './pool.ts'
import { putter } from './putter.ts'
import type { Reader } from './reader.ts'

type Writer = Pick<
  Directory,
  'setEmail' | 'setPassword' | 'addColleges' | 'addTeams' | 'add' | 'enrol' | 'remove'
>

/** One at a time, whoever in whatever process does it. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>

export interface WriterParts {
  pool: Pick<Pool, 'run'>
  layout: Layout
  reader: Reader
  subjects: Subjects
  exclusive: Exclusive
  passwordHash: PasswordHash
}

const problem = (code: DirectoryProblem['code'], message: string) => err({ code, message })
const impossible = (message: string) => problem('IMPOSSIBLE', message)

const NOBODY = problem('NOBODY', 'there is nobody of that name')
const USERID_TAKEN = problem('USERID_TAKEN', 'somebody has that username already')
const EMAIL_TAKEN = problem('EMAIL_TAKEN', 'somebody has that e-mail address already')
const NO_SUCH_PLACE = impossible('there is no such college or team')
const NAMELESS = impossible('people in this directory have a first name and a surname')
const REFUSED = impossible('the directory does not take such a value')

/** The server takes no such value; whatever else it refuses is not the asker's doing. */
const REFUSALS = [
  RESULT.constraintViolation,
  RESULT.invalidAttributeSyntax,
  RESULT.invalidDnSyntax,
  RESULT.namingViolation,
  RESULT.objectClassViolation,
]

type Done = Result<unknown, DirectoryProblem>

/** Tells of what the server would not take as a problem. */
async function orProblem(work: () => Promise<Done>): Promise<Done> {
  try {
    return await work()
  } catch (error) {
    if (isRefusal(error, ...REFUSALS)) return REFUSED
    if (isRefusal(error, RESULT.noSuchObject)) return NOBODY
    throw error
  }
}

const placesOf = ({ roles, colleges, teams }: Places): string[] => [
  ...new Set([...roles.map(groupOfRole), ...colleges, ...teams]),
]

/** As it is kept; or what would not be taken, in words. */
function checked(person: NewPerson): Result<NewPerson, DirectoryProblem> {
  const userid = parseUsername(person.userid)
  if (!userid.ok) return impossible(userid.error)
  const email = person.email === undefined ? ok(undefined) : parseEmail(person.email)
  if (!email.ok) return impossible(email.error)
  const password = person.password === undefined ? ok('') : parsePassword(person.password)
  if (!password.ok) return impossible(password.error)
  if (person.firstName.trim() === '' || person.surname.trim() === '') return NAMELESS
  return ok({ ...person, userid: userid.value.name, email: email.value?.name })
}

/** Changes, made by the manager. */
export function writer({ pool, layout, reader, subjects, exclusive, passwordHash }: WriterParts): Writer {
  const groups = groupsOf(pool, layout, reader)
  const changePassword = (dn: string, password: string) =>
    pool.run((client) => modifyPassword(client, dn, password, passwordHash))
  const put = putter({ pool, layout, reader, subjects, groups, changePassword })

  async function missing({ colleges, teams }: Places): Promise<boolean> {
    const names = [...colleges, ...teams]
    const there = new Set(await reader.groupsNamed(names))
    return names.some((name) => !there.has(name))
  }

  const makeRoles = ({ roles }: Places) => groups.make(roles.map((role) => ({ name: groupOfRole(role) })))

  return {
    setEmail: (userid, email) =>
      orProblem(async () => {
        const found = await reader.find(userid)
        if (!found) return NOBODY
        const address = parseEmail(email)
        if (!address.ok) return impossible(address.error)
        return exclusive(async () => {
          const owner = await reader.personByEmail(address.value.name)
          if (owner && owner.userid !== found.person.userid) return EMAIL_TAKEN
          const modification = new Attribute({ type: 'mail', values: [address.value.name] })
          await pool.run((client) =>
            client.modify(found.dn, new Change({ operation: 'replace', modification })),
          )
          return ok({})
        })
      }),

    setPassword: (userid, password) =>
      orProblem(async () => {
        const found = await reader.find(userid)
        if (!found) return NOBODY
        const secret = parsePassword(password)
        if (!secret.ok) return impossible(secret.error)
        await subjects.bump(found.person.userid)
        await changePassword(found.dn, secret.value)
        // Somebody may have logged in with the old one in between.
        await subjects.bump(found.person.userid)
        return ok({})
      }),

    addColleges: (colleges) =>
      exclusive(() => groups.make(colleges.map(({ name, title }) => ({ name, description: title })))),

    addTeams: (names) => exclusive(() => groups.make(names.map((name) => ({ name })))),

    add: (asked) =>
      orProblem(async () => {
        const newcomer = checked(asked)
        if (!newcomer.ok) return newcomer
        const { value: person } = newcomer
        return exclusive(async () => {
          if (await reader.find(person.userid)) return USERID_TAKEN
          if (person.email !== undefined && (await reader.personByEmail(person.email))) return EMAIL_TAKEN
          if (await missing(person)) return NO_SUCH_PLACE
          await makeRoles(person)
          try {
            await put(person, placesOf(person))
          } catch (error) {
            if (isRefusal(error, RESULT.entryAlreadyExists)) return USERID_TAKEN
            throw error
          }
          return ok({})
        })
      }),

    enrol: (userid, places) =>
      orProblem(async () => {
        const found = await reader.find(userid)
        if (!found) return NOBODY
        if (await missing(places)) return NO_SUCH_PLACE
        if (places.roles.length > 0) await exclusive(() => makeRoles(places))
        for (const name of placesOf(places)) await groups.join(name, found.person.userid)
        return ok({})
      }),

    remove: (userid) =>
      orProblem(async () => {
        const found = await reader.find(userid)
        if (!found) return NOBODY
        const name = found.person.userid
        await subjects.forget(name)
        for (const group of await reader.groupsOf(name)) await groups.leave(group, name)
        await pool.run((client) => client.del(found.dn))
        // Somebody may have logged in in between.
        await subjects.forget(name)
        return ok({})
      }),
  }
}
