import type { Accounts } from '@switchboard/auth/accounts'
import { err, type Result } from '@switchboard/protocol/result'
import type { Directory } from '../directory.ts'
import type { Role } from '../domain/rights.ts'
import type { PrismaClient } from '../generated/client.ts'

/** The directory in the database: people are accounts, and what this schema knows of them. */
export function databaseDirectory({ db, accounts }: { db: PrismaClient; accounts: Accounts }): Directory {
  /** Does it to the account of that name; an error tells its message. */
  async function change(
    userid: string,
    work: (id: number) => Promise<Result<unknown, { message: string }>>,
  ): Promise<Result<unknown>> {
    const account = await accounts.byName(userid)
    if (!account) return err('there is nobody of that name')
    const done = await work(account.id)
    return done.ok ? done : err(done.error.message)
  }

  return {
    authenticate: (userid, password) => accounts.verify(userid, password),

    async person(userid) {
      const account = await accounts.byName(userid)
      if (!account) return undefined
      const row = await db.person.findUnique({
        where: { accountId: account.id },
        include: { colleges: { include: { college: true } } },
      })
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
    },

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

    hasTeam: async (name) => (await db.team.findUnique({ where: { name } })) !== null,
    setEmail: (userid, email) => change(userid, (id) => accounts.setEmail(id, email)),
    setPassword: (userid, password) => change(userid, (id) => accounts.setPassword(id, password)),
  }
}
