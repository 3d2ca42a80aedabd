import type { Accounts } from '@switchboard/auth/accounts'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { encodeMessage, HISTORY, joinMessages, type StoredMessage } from '@switchboard/protocol/chat'
import type { FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import { successJson } from './answers.ts'
import { parseId, parseUuid } from './ids.ts'
import { whoAsks } from './who.ts'

export interface MessageOptions {
  rooms: { exists(id: string): Promise<boolean> }
  accounts: Pick<Accounts, 'byId'>
  messages: {
    byId(id: string): Promise<StoredMessage | undefined>
    /** Which message of the room it is, from 1; `undefined` where the room has no such message. */
    numberOf(roomId: string, id: string): Promise<number | undefined>
    /** The newest `count`, of those whose numbers are below `before`; oldest first. */
    newest(query: {
      roomId?: string | undefined
      accountId?: number | undefined
      before?: number | undefined
      count: number
    }): Promise<StoredMessage[]>
  }
}

const Query = Type.Object({
  room_id: Type.Optional(Type.String()),
  user_id: Type.Optional(Type.String()),
  before: Type.Optional(Type.String()),
  count: Type.Optional(Type.String({ pattern: '^0*[1-9][0-9]*$' })),
})

/** Texts go out as they are stored, so that none is decoded and encoded on the way. */
const sendJson = (reply: FastifyReply, data: string) =>
  reply.type('application/json; charset=utf-8').send(successJson(data))

export function messageRoutes(app: Server, { rooms, accounts, messages }: MessageOptions): void {
  async function knownRoom(text: string): Promise<string> {
    const id = parseUuid(text)
    if (id === undefined || !(await rooms.exists(id))) {
      throw new HttpError('ROOM_NOT_FOUND', 'there is no such room')
    }
    return id
  }

  async function knownAccount(text: string): Promise<number> {
    const account = await accounts.byId(parseId(text))
    if (!account) throw new HttpError('USER_NOT_FOUND', 'there is no such user', { status: 404 })
    return account.id
  }

  /** The numbers of messages are a room's own: without one there is no before. */
  async function knownNumber(roomId: string | undefined, text: string): Promise<number> {
    if (roomId === undefined) throw new HttpError('BAD_BINDING', 'before: room_id says in which room')
    const id = parseUuid(text)
    const number = id === undefined ? undefined : await messages.numberOf(roomId, id)
    if (number === undefined) {
      throw new HttpError('MESSAGE_NOT_FOUND', 'before: the room has no such message')
    }
    return number
  }

  async function find({ room_id, user_id, before, count = `${HISTORY.unlessTold}` }: Static<typeof Query>) {
    const roomId = room_id === undefined ? undefined : await knownRoom(room_id)
    return messages.newest({
      roomId,
      accountId: user_id === undefined ? undefined : await knownAccount(user_id),
      before: before === undefined ? undefined : await knownNumber(roomId, before),
      count: Math.min(Number(count), HISTORY.max),
    })
  }

  app.get('/api/v1/messages', { schema: { querystring: Query } }, async (request, reply) => {
    const { room_id, user_id } = request.query
    if (room_id === undefined && user_id === undefined) {
      throw new HttpError('BAD_BINDING', 'room_id or user_id says whose messages')
    }
    if (room_id === undefined) await whoAsks(request)
    const found = await find(request.query)
    return sendJson(reply, joinMessages(found.map(encodeMessage)))
  })

  app.get<{ Params: { id: string } }>('/api/v1/messages/:id', async (request, reply) => {
    const id = parseUuid(request.params.id)
    const message = id === undefined ? undefined : await messages.byId(id)
    if (!message) throw new HttpError('MESSAGE_NOT_FOUND', 'there is no such message')
    return sendJson(reply, encodeMessage(message))
  })
}
