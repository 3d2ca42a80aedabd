import type { Who } from '@switchboard/auth/tokens'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, REQUESTS } from '@switchboard/protocol/ide'
import { Type } from 'typebox'
import { isIn, mayRemove, parseRepoUrl, type RepoRow, toWire } from '../domain/repos.ts'
import { isRepoId } from '../domain/spaces.ts'
import { whoAsks } from './who.ts'

/** Where repos are kept. Calls reject where it is away. */
interface Repos {
  /** Those that the account owns or is a member of, oldest first. */
  listOf(accountId: number): Promise<RepoRow[]>
  find(id: string): Promise<RepoRow | undefined>
  create(repo: Omit<RepoRow, 'memberIds'>): Promise<RepoRow>
  /** `false`: is one already. `undefined`: no such repo. */
  addMember(id: string, accountId: number, added: Date): Promise<boolean | undefined>
  /** `false`: is none. */
  removeMember(id: string, accountId: number): Promise<boolean>
  /** What was removed. */
  remove(id: string, deleted: Date): Promise<RepoRow | undefined>
}

interface Person {
  id: number
  username: string
  key: string
}

/** Who has which account. */
interface People {
  byIds(ids: readonly number[]): Promise<Map<number, Person>>
  byName(name: string): Promise<Person | undefined>
}

export interface RepoOptions {
  repos: Repos
  people: People
  /** The space of a repo is closed to people, by key. */
  closeSpace(space: string, people: string[]): void
  newId(): string
  now(): Date
}

const noSuchRepo = () => new HttpError('NOT_FOUND', 'there is no such repo')
const ownersOnly = () => new HttpError('FORBIDDEN', 'only the owner may do that')

const ById = Type.Object({ id: Type.String() })
const ByMember = Type.Object({ id: Type.String(), userid: Type.String() })

export function repoRoutes(app: Server, { repos, people, closeSpace, newId, now }: RepoOptions): void {
  const peopleOf = (rows: RepoRow[]) =>
    people.byIds([...new Set(rows.flatMap(({ ownerId, memberIds }) => [ownerId, ...memberIds]))])

  const onTheWire = async (row: RepoRow) => toWire(row, await peopleOf([row]))

  /** To those who are not in it, a repo does not exist. */
  async function findFor(id: string, { accountId }: Who): Promise<RepoRow> {
    const row = isRepoId(id) ? await repos.find(id) : undefined
    if (!row || !isIn(row, accountId)) throw noSuchRepo()
    return row
  }

  async function findOwned(id: string, who: Who): Promise<RepoRow> {
    const row = await findFor(id, who)
    if (row.ownerId !== who.accountId) throw ownersOnly()
    return row
  }

  app.get('/api/v1/repos', { schema: { response: { 200: ANSWERS.repos } } }, async (request) => {
    const { accountId } = await whoAsks(request)
    const rows = await repos.listOf(accountId)
    const known = await peopleOf(rows)
    return { repos: rows.map((row) => toWire(row, known)) }
  })

  app.post(
    '/api/v1/repos',
    { schema: { body: REQUESTS['new-repo'], response: { 201: ANSWERS.repo } } },
    async (request, reply) => {
      const { accountId: ownerId } = await whoAsks(request)
      const url = parseRepoUrl(request.body.url)
      if (!url.ok) throw new HttpError('BAD_BINDING', url.error)
      const { name } = request.body
      const row = await repos.create({ id: newId(), name, url: url.value, ownerId, created: now() })
      return reply.code(201).send(await onTheWire(row))
    },
  )

  app.delete('/api/v1/repos/:id', { schema: { params: ById } }, async (request, reply) => {
    const { id } = await findOwned(request.params.id, await whoAsks(request))
    const removed = await repos.remove(id, now())
    if (!removed) throw noSuchRepo()
    const were = await peopleOf([removed])
    closeSpace(
      id,
      [...were.values()].map(({ key }) => key),
    )
    return reply.code(204).send()
  })

  app.post(
    '/api/v1/repos/:id/members',
    {
      schema: {
        params: ById,
        body: REQUESTS['new-member'],
        response: { 200: ANSWERS.repo, 201: ANSWERS.repo },
      },
    },
    async (request, reply) => {
      const { id, ownerId } = await findOwned(request.params.id, await whoAsks(request))
      const person = await people.byName(request.body.username)
      if (!person) throw new HttpError('NOT_FOUND', 'there is no such user')
      const added = person.id !== ownerId && (await repos.addMember(id, person.id, now()))
      const row = await repos.find(id)
      if (!row) throw noSuchRepo()
      return reply.code(added ? 201 : 200).send(await onTheWire(row))
    },
  )

  app.delete(
    '/api/v1/repos/:id/members/:userid',
    { schema: { params: ByMember } },
    async (request, reply) => {
      const who = await whoAsks(request)
      const row = await findFor(request.params.id, who)
      const person = await people.byName(request.params.userid)
      if (!mayRemove(row, who.accountId, person?.id)) throw ownersOnly()
      if (!person || !(await repos.removeMember(row.id, person.id))) {
        throw new HttpError('NOT_FOUND', 'there is no such member')
      }
      closeSpace(row.id, [person.key])
      return reply.code(204).send()
    },
  )
}
