import { randomUUID } from 'node:crypto'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import {
  ANSWERS,
  LINKS_MAX,
  type Link as LinkAnswer,
  type LinkRequest,
  parseLink,
  SHOWN_TOKEN,
} from '@switchboard/protocol/chat'
import type { FastifyRequest } from 'fastify'
import type { LinkKind } from '../../domain/links/link.ts'
import { success } from '../answers.ts'
import { parseUuid } from '../ids.ts'
import type { Room, RoomFinder } from '../room.ts'
import { nameInPath } from '../rooms.ts'
import { whoAsks } from '../who.ts'
import { hashOf } from './ids.ts'
import type { LinkQuestions } from './questions.ts'

interface StoredLink {
  id: string
  kind: LinkKind
  target: string
  shown: string
  created: Date
}

export interface LinkOptions {
  rooms: Pick<RoomFinder, 'byName'>
  links: {
    ofRoom(roomId: string): Promise<StoredLink[]>
    /** `undefined`: the room has `max` already. */
    add(
      link: Omit<StoredLink, 'created'> & { roomId: string },
      max: number,
    ): Promise<{ link: StoredLink; made: boolean } | undefined>
    remove(
      roomId: string,
      which: { id: string } | { kind: LinkKind; target: string },
    ): Promise<StoredLink | undefined>
  }
  questions: LinkQuestions
  /** `false`: as many links as an owner likes. */
  limits: boolean
  /** Tells every process; resolves once this one follows the links as they are now. */
  changed(): Promise<void>
}

interface Target {
  kind: LinkKind
  target: string
  shown: string
}

/** What is kept of a link. */
function targetOf(link: LinkRequest): Target {
  const { kind } = link
  if (kind === 'channel') return { kind, target: link.name, shown: link.name }
  if (kind !== 'relay') return { kind, target: link.id, shown: link.id }
  return { kind, target: hashOf(link.token), shown: [...link.token].slice(0, SHOWN_TOKEN).join('') }
}

/** Under which name each kind shows what it goes to. */
const SHOWN_AS = { channel: 'name', relay: 'token', space: 'id', college: 'id' } as const

const answerOf = ({ id: linkId, kind, shown, created }: StoredLink): LinkAnswer => ({
  linkId,
  kind,
  [SHOWN_AS[kind]]: shown,
  createTime: Math.floor(created.getTime() / 1000),
})

function linkIn(body: unknown): LinkRequest {
  const link = parseLink(body)
  if (!link.ok) throw new HttpError('BAD_BINDING', link.error)
  return link.value
}

const PATH = '/api/v1/rooms/:room/links'

export function linkRoutes(app: Server, { rooms, links, questions, limits, changed }: LinkOptions): void {
  const max = limits ? LINKS_MAX : Number.POSITIVE_INFINITY

  /** The room in the path and who asks, who has a token. */
  async function find(request: FastifyRequest): Promise<{ room: Room; account: number }> {
    const { accountId } = await whoAsks(request)
    const room = await rooms.byName(nameInPath((request.params as { room: string }).room))
    if (!room) throw new HttpError('ROOM_NOT_FOUND', 'nobody has joined such a room yet')
    return { room, account: accountId }
  }

  async function findOwn(request: FastifyRequest): Promise<Room> {
    const { room, account } = await find(request)
    if (room.owner === account) return room
    throw new HttpError('FORBIDDEN', 'links are for the one who first entered the room with a token')
  }

  /** The owner may hear of it, by those whose it is. */
  async function check(link: LinkRequest, owner: number): Promise<void> {
    if (link.kind === 'relay' && !(await questions.isLiving(link.token))) {
      throw new HttpError('NOT_FOUND', 'no such relay token lives')
    }
    if (link.kind === 'space' && !(await questions.isOpen(owner, link.id))) {
      throw new HttpError('FORBIDDEN', 'you may not enter this space')
    }
    if (link.kind !== 'college') return
    if (link.token === undefined) throw new HttpError('BAD_BINDING', 'token: a token of nemesis is needed')
    if (!(await questions.leads(link.token, link.id))) {
      throw new HttpError('FORBIDDEN', 'this token sees no such college')
    }
  }

  async function remove(roomId: string, which: Parameters<typeof links.remove>[1]) {
    const gone = await links.remove(roomId, which)
    if (!gone) throw new HttpError('NOT_FOUND', 'the room has no such link')
    await changed()
    return success(answerOf(gone))
  }

  app.get<{ Params: { room: string } }>(
    PATH,
    { schema: { response: { 200: ANSWERS.links } } },
    async (request) => {
      const { room } = await find(request)
      return success((await links.ofRoom(room.id)).map(answerOf))
    },
  )

  app.post(
    PATH,
    { schema: { response: { 200: ANSWERS.link, 201: ANSWERS.link } } },
    async (request, reply) => {
      const room = await findOwn(request)
      const link = linkIn(request.body)
      await check(link, room.owner ?? 0)
      const added = await links.add({ id: randomUUID(), roomId: room.id, ...targetOf(link) }, max)
      if (!added) throw new HttpError('TOO_MANY_PLACES', `a room has ${max} links at most`, { status: 409 })
      await changed()
      reply.code(added.made ? 201 : 200)
      return success(answerOf(added.link))
    },
  )

  app.delete(PATH, { schema: { response: { 200: ANSWERS.link } } }, async (request) => {
    const room = await findOwn(request)
    const { kind, target } = targetOf(linkIn(request.body))
    return remove(room.id, { kind, target })
  })

  app.delete<{ Params: { linkId: string } }>(
    `${PATH}/:linkId`,
    { schema: { response: { 200: ANSWERS.link } } },
    async (request) => {
      const room = await findOwn(request)
      return remove(room.id, { id: parseUuid(request.params.linkId) ?? randomUUID() })
    },
  )
}
