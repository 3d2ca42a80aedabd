import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { type Prisma, PrismaClient } from '../generated/client.ts'

const PEOPLE = { members: { select: { accountId: true }, orderBy: { added: 'asc' } } } as const

type Row = Prisma.RepoGetPayload<{ include: typeof PEOPLE }>

const flat = ({ members, ...repo }: Row) => ({
  ...repo,
  memberIds: members.map(({ accountId }) => accountId),
})

/** Prisma's "record not found" and "foreign key" errors: the repo is gone, or was never there. */
const isGone = (error: unknown): boolean =>
  ['P2025', 'P2003'].includes((error as { code?: string }).code ?? '')

/** Repos and their people in the Postgres schema `ide`. Ids must be UUIDs. */
export function createRepoStore(adapter: SqlDriverAdapterFactory) {
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })

  /** How the account stands to each of the ids; without those that no repo has or had. */
  async function standings(ids: readonly string[], accountId: number) {
    const known = new Map<string, 'owner' | 'member' | 'stranger' | 'deleted'>()
    if (ids.length === 0) return known
    const members = { where: { accountId }, select: { accountId: true } }
    const select = { id: true, ownerId: true, members }
    for (const repo of await prisma.repo.findMany({ where: { id: { in: [...ids] } }, select })) {
      const asMember = repo.members.length > 0 ? 'member' : 'stranger'
      known.set(repo.id, repo.ownerId === accountId ? 'owner' : asMember)
    }
    // Asked second, so that one that is deleted meanwhile is found the first time or now.
    const others = ids.filter((id) => !known.has(id))
    if (others.length === 0) return known
    for (const { id } of await prisma.deletedRepo.findMany({ where: { id: { in: others } } }))
      known.set(id, 'deleted')
    return known
  }

  return {
    async listOf(accountId: number) {
      const rows = await prisma.repo.findMany({
        where: { OR: [{ ownerId: accountId }, { members: { some: { accountId } } }] },
        include: PEOPLE,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
      })
      return rows.map(flat)
    },

    async find(id: string) {
      const row = await prisma.repo.findUnique({ where: { id }, include: PEOPLE })
      return row ? flat(row) : undefined
    },

    async create(repo: { id: string; name: string; url: string | null; ownerId: number; created: Date }) {
      return flat(await prisma.repo.create({ data: repo, include: PEOPLE }))
    },

    /** `false`: the person is a member already. `undefined`: there is no such repo. */
    async addMember(repoId: string, accountId: number, added: Date): Promise<boolean | undefined> {
      try {
        const { count } = await prisma.member.createMany({
          data: { repoId, accountId, added },
          skipDuplicates: true,
        })
        return count > 0
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    async removeMember(repoId: string, accountId: number): Promise<boolean> {
      const { count } = await prisma.member.deleteMany({ where: { repoId, accountId } })
      return count > 0
    },

    /** Keeps nothing but the id. Answers what was removed; `undefined`: there is no such repo. */
    async remove(id: string, deleted: Date) {
      try {
        const [row] = await prisma.$transaction([
          prisma.repo.delete({ where: { id }, include: PEOPLE }),
          prisma.deletedRepo.create({ data: { id, deleted } }),
        ])
        return flat(row)
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    standings,

    standing: async (id: string, accountId: number) =>
      (await standings([id], accountId)).get(id) ?? ('none' as const),

    close: () => prisma.$disconnect(),
  }
}
