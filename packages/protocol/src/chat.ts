import { type Static, type TSchema, Type } from 'typebox'
import { CLOSE_REASONS } from './close-codes.ts'
import { jsonDecoder } from './decode.ts'
import { err, ok, type Result } from './result.ts'

/** Bytes of the largest frame the server takes; a larger one closes the connection (1009). */
export const FRAME_MAX_BYTES = 16 * 1024

/** Most characters (Unicode code points) of a message's text. */
export const TEXT_MAX = 4096

/** Most messages that `?after=` sends before it goes on live. */
export const CATCH_UP_MAX = 1000

/** How many messages `GET /messages` answers. */
export const HISTORY = { unlessTold: 50, max: 200 } as const

/** How long and how many bytes of a sender's messages wait for the database, before the connection is closed (1013). */
export const UNSTORED = { seconds: 10, bytes: 1024 * 1024 } as const

/** Reasons of this service beside the close codes, next to the common ones. */
export const REASONS = {
  /** 1008: a guest spoke. */
  readOnly: 'READ_ONLY',
  /** 1008: not such an object, or a text that is too long. */
  badMessage: 'BAD_MESSAGE',
  /** 1013: what this connection said last is undelivered. */
  notStored: 'NOT_STORED',
  /** 1013: what was missed could not be read. */
  unavailable: CLOSE_REASONS.unavailable,
} as const

/** Most characters (Unicode code points, after NFC) of a room's name. */
const ROOM_NAME_MAX = 64
/** Letters with the marks that many scripts write them with, digits, and `.`, `_`, `-`. */
const ROOM_NAME = /^(?!\p{M})[\p{L}\p{M}\p{Nd}._-]+$/u

/** The name of a room in NFC. Names are compared as they are, with regard to case. */
export function parseRoomName(raw: string): Result<string> {
  const name = raw.normalize('NFC')
  if (!ROOM_NAME.test(name)) return err('the name of a room holds letters, digits, ".", "_" and "-"')
  if ([...name].length > ROOM_NAME_MAX)
    return err(`the name of a room has ${ROOM_NAME_MAX} characters at most`)
  return ok(name)
}

/** A UUID as the server writes it. Ids of rooms and messages are such. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const Uuid = Type.String({ pattern: UUID.source })

export const User = Type.Object({ id: Type.Integer({ minimum: 1 }), username: Type.String() })
export type User = Static<typeof User>

/** `createTime`: whole seconds since the epoch. */
export const Message = Type.Object({
  id: Uuid,
  sender: User,
  text: Type.String(),
  createTime: Type.Integer({ minimum: 0 }),
})
export type Message = Static<typeof Message>

/** What a client may say. */
export const UP = {
  message: Type.Object({ text: Type.String({ maxLength: TEXT_MAX }) }),
}

/** What the server may say: messages of the room in their order. Empty: more was missed than is sent. */
export const DOWN = {
  messages: Type.Array(Message),
}

export const decodeUp = jsonDecoder(UP.message)
export const decodeDown = jsonDecoder(DOWN.messages)

export const encodeUp = (text: string): string => JSON.stringify({ text })

/** A message whose text is JSON already (`"hello"`, quotes included), as it is stored. */
export interface StoredMessage extends Omit<Message, 'text'> {
  textJson: string
}

/** One message as it stands in a frame. A frame is {@link joinMessages} of one or more. */
export const encodeMessage = ({ id, sender, textJson, createTime }: StoredMessage): string =>
  `{"id":"${id}","sender":{"id":${sender.id},"username":${JSON.stringify(sender.username)}},"text":${textJson},"createTime":${createTime}}`

/** A frame of encoded messages. */
export const joinMessages = (encoded: readonly string[]): string => `[${encoded.join(',')}]`

/** Bodies of HTTP requests, as JSON or as a form. */
export const REQUESTS = {
  credentials: Type.Object({ username: Type.String(), secret: Type.String() }),
}

const success = <S extends TSchema>(data: S) => Type.Object({ error: Type.Null(), data })

/** Bodies of HTTP answers. */
export const ANSWERS = {
  user: success(User),
  'logged-in': success(Type.Object({ token: Type.String(), user: User })),
  /** `members`: the accounts that are connected now, once each. */
  room: success(Type.Object({ id: Uuid, name: Type.String(), members: Type.Array(User) })),
  users: success(Type.Array(User)),
  message: success(Message),
  messages: success(Type.Array(Message)),
  /** The document spells the member both ways. */
  failure: Type.Object({
    error: Type.Object({ type: Type.String(), Type: Type.String(), message: Type.String() }),
    data: Type.Null(),
  }),
}
