import { type Static, type TSchema, Type } from 'typebox'
import { parseChannel } from './channels.ts'
import { CLOSE_REASONS } from './close-codes.ts'
import { checker, jsonDecoder } from './decode.ts'
import { Space } from './ide.ts'
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

/** What posted a message that no account said: `channels` brings what was said elsewhere, the others tell of something. */
export const VIA = ['channels', 'relay', 'ide', 'nemesis'] as const
export type Via = (typeof VIA)[number]

/** An account, or `{id: 0, username: 'bob@channels', via: 'channels'}` (no account's name holds `@`). */
export const Sender = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  username: Type.String(),
  via: Type.Optional(Type.Enum(VIA)),
})
export type Sender = Static<typeof Sender>

/** `createTime`: whole seconds since the epoch. */
export const Message = Type.Object({
  id: Uuid,
  sender: Sender,
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

const encodeSender = ({ id, username, via }: Sender): string =>
  `{"id":${id},"username":${JSON.stringify(username)}${via === undefined ? '' : `,"via":"${via}"`}}`

/** One message as it stands in a frame. A frame is {@link joinMessages} of one or more. */
export const encodeMessage = ({ id, sender, textJson, createTime }: StoredMessage): string =>
  `{"id":"${id}","sender":${encodeSender(sender)},"text":${textJson},"createTime":${createTime}}`

/** A frame of encoded messages. */
export const joinMessages = (encoded: readonly string[]): string => `[${encoded.join(',')}]`

/** Most links that a room has. */
export const LINKS_MAX = 100

/** Characters of a relay token that a link shows. */
export const SHOWN_TOKEN = 4

/** Each kind of link, as its owner asks for it. */
const LINKS = {
  /** What is said on one side is said on the other. `name`: with or without leading `#`s. */
  channel: Type.Object({ kind: Type.Literal('channel'), name: Type.String() }),
  /** Each request to the relay token posts a message. */
  relay: Type.Object({ kind: Type.Literal('relay'), token: Type.String({ minLength: 1, maxLength: 256 }) }),
  /** Who enters and leaves the ide space is told. */
  space: Type.Object({ kind: Type.Literal('space'), id: Space }),
  /** Registrations for the college's teams are told. `token`: nemesis' own, which is looked at once and not kept. */
  college: Type.Object({
    kind: Type.Literal('college'),
    id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\p{Cc}\\p{Cs}]*$' }),
    token: Type.Optional(Type.String({ maxLength: 4096 })),
  }),
}
type LinkKind = keyof typeof LINKS
export type LinkRequest = { [K in LinkKind]: Static<(typeof LINKS)[K]> }[LinkKind]

const LINK_CHECKS = new Map(Object.entries(LINKS).map(([kind, schema]) => [kind, checker(schema)]))

/** What a link goes to, from a request's body. A channel's name comes without `#`s, in NFC. */
export function parseLink(body: unknown): Result<LinkRequest> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return err('not an object')
  const check = LINK_CHECKS.get((body as { kind?: unknown }).kind as string)
  if (!check) return err(`kind: must be one of ${[...LINK_CHECKS.keys()].join(', ')}`)
  const checked = check(body) as Result<LinkRequest>
  if (!checked.ok || checked.value.kind !== 'channel') return checked
  const name = parseChannel(checked.value.name)
  return name.ok ? ok({ kind: 'channel', name: name.value }) : err(`name: ${name.error}`)
}

/** A link as it is answered: what was asked for, of a relay token the first {@link SHOWN_TOKEN} characters, of nemesis' none. */
export const Link = Type.Object({
  linkId: Uuid,
  kind: Type.Enum(Object.keys(LINKS) as LinkKind[]),
  name: Type.Optional(Type.String()),
  token: Type.Optional(Type.String({ maxLength: SHOWN_TOKEN })),
  id: Type.Optional(Type.String()),
  /** Whole seconds since the epoch. */
  createTime: Type.Integer({ minimum: 0 }),
})
export type Link = Static<typeof Link>

/** Bodies of HTTP requests, as JSON or as a form. */
export const REQUESTS = {
  credentials: Type.Object({ username: Type.String(), secret: Type.String() }),
  link: Type.Union(Object.values(LINKS)),
}

const success = <S extends TSchema>(data: S) => Type.Object({ error: Type.Null(), data })

/** Bodies of HTTP answers. */
export const ANSWERS = {
  user: success(User),
  'logged-in': success(Type.Object({ token: Type.String(), user: User })),
  /** `members`: the accounts that are connected now, once each. */
  room: success(Type.Object({ id: Uuid, name: Type.String(), members: Type.Array(User) })),
  users: success(Type.Array(User)),
  link: success(Link),
  links: success(Type.Array(Link)),
  message: success(Message),
  messages: success(Type.Array(Message)),
  /** The document spells the member both ways. */
  failure: Type.Object({
    error: Type.Object({ type: Type.String(), Type: Type.String(), message: Type.String() }),
    data: Type.Null(),
  }),
}
