import { randomBytes } from 'node:crypto'
import type { Account } from '@switchboard/auth/account'
import type { Accounts } from '@switchboard/auth/accounts'
import type { Database } from '@switchboard/kit/database'
import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Directory, DirectoryProblem, Person, Places } from '../directory.ts'
import type { Role } from '../domain/rights.ts'
import type { PrismaClient } from '../generated/client.ts'
import { enrolment } from './enrolment.ts'

const problem = (code: DirectoryProblem['code'], message: string) => err({ code, message })
const NOBODY = problem('NOBODY', 'there is nobody of that name')
const NO_SUCH_PLACE = problem('IMPOSSIBLE', 'there is no such college or team')
const NO_TEXT = problem('IMPOSSIBLE', 'a name holds no control characters')

/** What accounts say, as a directory says it. */
const CODES = {
  USER_EXISTS: 'USERID_TAKEN',
  EMAIL_EXISTS: 'EMAIL_TAKEN',
  USER_NOT_FOUND: 'NOBODY',
  BAD_USERNAME: 'IMPOSSIBLE',
  BAD_PASSWORD: 'IMPOSSIBLE',
  BAD_EMAIL: 'IMPOSSIBLE',
} as const

const asDirectory = <T>(
  result: Result<T, { code: keyof typeof CODES; message: string }>,
): Result<T, DirectoryProblem> =>
  result.ok ? result : problem(CODES[result.error.code], result.error.message)

/** A password of an account that nobody logs in with. */
const unknowable = (): string => randomBytes(32).toString('base64')

/** PostgreSQL's text cannot hold it. */
const holdsNul = (...texts: readonly string[]): boolean => texts.some((text) => text.includes('\0'))

const withColleges = { include: { colleges: { include: { college: true } } } } as const
const skipDuplicates = true

/** The directory in the database: people are accounts, and what this schema knows of them. */
export function databaseDirectory({
  db,
  accounts,
  database,
}: {
  db: PrismaClient
  accounts: Accounts
  database: Pick<Database, 'ping'>
}): Directory {
  const isPerson = async ({ id: accountId }: Account) => (await db.person.count({ where: { accountId } })) > 0

  /** The account of somebody in the directory. */
  async function accountOf(userid: string): Promise<Account | undefined> {
    const account = await accounts.byName(userid)
    return account && (await isPerson(account)) ? account : undefined
  }

  async function personOf(account: Account | undefined): Promise<Person | undefined> {
    if (!account) return undefined
    const row = await db.person.findUnique({ where: { accountId: account.id }, ...withColleges })
    if (!row) return undefined
    return {
      userid: account.username,
      firstName: row.firstName,
      surname: row.surname,
      email: account.email,
      // The column's check lets no other in.
      roles: row.roles as Role[],
      colleges: row.colleges.map(({ college }) => college),
    }
  }

  async function areThere({ colleges, teams }: Places): Promise<boolean> {
    if (holdsNul(...colleges, ...teams)) return false
    const among = (names: readonly string[]) => ({ where: { name: { in: [...names] } } })
    const [foundColleges, foundTeams] = await Promise.all([
      db.college.count(among(colleges)),
      db.team.count(among(teams)),
    ])
    return foundColleges === new Set(colleges).size && foundTeams === new Set(teams).size
  }

  return {
    authenticate: (userid, password) => accounts.verify(userid, password),
    subject: accountOf,
    person: async (userid) => personOf(await accounts.byName(userid)),
    personByEmail: async (email) => personOf(await accounts.byEmail(email)),

    async members(collegeName) {
      const inCollege = { some: { person: { colleges: { some: { collegeName } } } } }
      const [members, teams] = await Promise.all([
        db.collegeMember.findMany({ where: { collegeName }, select: { accountId: true } }),
        db.team.findMany({ where: { members: inCollege } }),
      ])
      const people = await accounts.byIds(members.map(({ accountId }) => accountId))
      return {
        userids: [...people.values()].map(({ username }) => username),
        teams: teams.map(({ name }) => name),
      }
    },

    colleges: () => db.college.findMany(),
    hasTeam: async (name) => !holdsNul(name) && (await db.team.findUnique({ where: { name } })) !== null,
    useridsFrom: (prefix) => accounts.namesFrom(prefix),

    async setEmail(userid, email) {
      const account = await accountOf(userid)
      return account ? asDirectory(await accounts.setEmail(account.id, email)) : NOBODY
    },

    async setPassword(userid, password) {
      const account = await accountOf(userid)
      return account ? asDirectory(await accounts.setPassword(account.id, password)) : NOBODY
    },

    async addColleges(colleges) {
      await db.college.createMany({ data: [...colleges], skipDuplicates })
    },

    async addTeams(names) {
      await db.team.createMany({ data: names.map((name) => ({ name })), skipDuplicates })
    },

    async add({ userid: username, email, password = unknowable(), ...person }) {
      if (holdsNul(person.firstName, person.surname)) return NO_TEXT
      if (!(await areThere(person))) return NO_SUCH_PLACE
      return asDirectory(await accounts.create({ username, email, password }, (id) => enrolment(id, person)))
    },

    async enrol(userid, { firstName, surname = '', ...places }) {
      const account = await accounts.byName(userid)
      if (!account) return NOBODY
      const name = { firstName: firstName ?? account.username, surname }
      if (!(await areThere(places))) return NO_SUCH_PLACE
      if (holdsNul(name.firstName, surname)) return NO_TEXT
      const statements = enrolment(account.id, { ...name, ...places })
      await db.$transaction(
        statements.map(({ text, parameters }) => db.$executeRawUnsafe(text, ...parameters)),
      )
      return ok({})
    },

    async remove(userid) {
      const account = await accountOf(userid)
      if (!account) return NOBODY
      await accounts.revokeAll(account.id)
      await db.person.deleteMany({ where: { accountId: account.id } })
      return ok({})
    },

    ping: () => database.ping(),
  }
}
