import type { College, Role } from '../domain/rights.ts'
import type { PrismaClient } from '../generated/client.ts'

interface Enrolment {
  accountId: number
  firstName: string
  surname: string
  roles: readonly Role[]
  /** Names of colleges and teams that are there. */
  colleges: readonly string[]
  teams: readonly string[]
}

/** Who belongs where. Adding what is there already changes nothing, also when two do it at once. */
export interface Membership {
  addColleges(colleges: readonly College[]): Promise<void>
  addTeams(names: readonly string[]): Promise<void>
  has(accountId: number): Promise<boolean>
  /** Someone who is in the directory keeps the name, the roles and the places there, and gets these besides. */
  enrol(enrolment: Enrolment): Promise<void>
  /** Out of the directory; the account stays. Colleges and teams stay. */
  remove(accountId: number): Promise<void>
}

const skipDuplicates = true

export const membership = (db: PrismaClient): Membership => ({
  async addColleges(colleges) {
    await db.college.createMany({ data: [...colleges], skipDuplicates })
  },

  async addTeams(names) {
    await db.team.createMany({ data: names.map((name) => ({ name })), skipDuplicates })
  },

  has: async (accountId) => (await db.person.findUnique({ where: { accountId } })) !== null,

  async enrol({ accountId, firstName, surname, roles, colleges, teams }) {
    await db.$transaction([
      db.person.createMany({ data: [{ accountId, firstName, surname, roles: [] }], skipDuplicates }),
      ...roles.map((role) =>
        db.person.updateMany({
          where: { accountId, NOT: { roles: { has: role } } },
          data: { roles: { push: role } },
        }),
      ),
      db.collegeMember.createMany({
        data: colleges.map((collegeName) => ({ collegeName, accountId })),
        skipDuplicates,
      }),
      db.teamMember.createMany({ data: teams.map((teamName) => ({ teamName, accountId })), skipDuplicates }),
    ])
  },

  async remove(accountId) {
    await db.person.deleteMany({ where: { accountId } })
  },
})
