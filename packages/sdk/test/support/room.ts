import { randomUUID } from 'node:crypto'
import { connectChat, type JoinOptions, type Message, type Room } from '../../src/chat.ts'
import { answerJson, type FakeOptions } from './fake.ts'

const ME = 12
/** A JSON Web Token of the account 12. */
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMiJ9.c2VjcmV0'
const ROOM_ID = '6d1f1a5e-0a3b-4f0e-8f4e-0d5a3d1f7c11'
export const NO_MESSAGE = '00000000-0000-0000-0000-000000000000'

export const message = (text: string, id = ME): Message => ({
  id: randomUUID(),
  sender: { id, username: `user ${id}` },
  text,
  createTime: 1_790_000_000,
})

/** As a room with this history answers. */
export const history =
  (messages: Message[]): NonNullable<FakeOptions['http']> =>
  (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const success = (data: unknown) => answerJson(response, 200, { error: null, data })
    if (pathname !== '/api/v1/messages') return success({ id: ROOM_ID, name: 'lobby', members: [] })
    const before = searchParams.get('before')
    const end = before === null ? messages.length : messages.findIndex(({ id }) => id === before)
    if (end >= 0 && searchParams.get('room_id') === ROOM_ID)
      return success(messages.slice(0, end).slice(-Number(searchParams.get('count'))))
    answerJson(response, 404, { error: { type: 'MESSAGE_NOT_FOUND', message: 'no such' }, data: null })
  }

export const join = (url: string, options: JoinOptions & { token?: string } = {}): Room =>
  connectChat({ url, token: TOKEN, ...options }).join('lobby', options)
