import { type Static, Type } from 'typebox'
import { checker, parseJson } from './decode.ts'
import type { ErrorCode } from './errors.ts'
import { type Name, nameKey } from './names.ts'
import { err, ok, type Result } from './result.ts'

/** Below it, percent-encoded, the nickname under which a client connects. */
export const LOGIN_PATH = '/chat/login/'

/** Bytes of the largest frame the server takes; a larger one closes the connection (1009). */
export const FRAME_MAX_BYTES = 16 * 1024

/** The `type` of every message, in both directions. */
export const TYPES = {
  error: -1,
  message: 0,
  register: 1,
  login: 2,
  logout: 3,
  join: 4,
  leave: 5,
  list: 6,
} as const

/** Codes of messages of type -1. */
export const FRAME_ERRORS = [
  'BAD_MESSAGE',
  'BAD_NICK',
  'NICK_IN_USE',
  'NICK_RESERVED',
  'ALREADY_LOGGED_IN',
  'TOO_MANY_PLACES',
  'BAD_USERNAME',
  'BAD_PASSWORD',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
] as const satisfies readonly ErrorCode[]

/** What a client may say. Keys beyond these are ignored. */
export const UP = {
  /** To everyone in the channel `dest`. */
  message: Type.Object({ type: Type.Literal(TYPES.message), dest: Type.String(), message: Type.String() }),
  /** Reserves the connection's nickname for the account of that name. */
  register: Type.Object({ type: Type.Literal(TYPES.register), password: Type.String() }),
  /** Not needed: who is connected is logged in. */
  login: Type.Object({ type: Type.Literal(TYPES.login), user: Type.String() }),
  logout: Type.Object({ type: Type.Literal(TYPES.logout) }),
  join: Type.Object({ type: Type.Literal(TYPES.join), channel: Type.String() }),
  leave: Type.Object({ type: Type.Literal(TYPES.leave), channel: Type.String() }),
  /** Who is connected, or who is in `channel`. */
  list: Type.Object({ type: Type.Literal(TYPES.list), channel: Type.Optional(Type.String()) }),
}

const User = { user: Type.String() }
const Place = { channel: Type.String(), user: Type.String() }

/** What the server may say. `user` is a nickname as its owner wrote it, `channel` a name without leading `#`s. */
export const DOWN = {
  error: Type.Object({
    type: Type.Literal(TYPES.error),
    code: Type.Enum(FRAME_ERRORS),
    message: Type.String(),
  }),
  /** `dest` is what the sender wrote; `user` may be `name@service` here, which no nickname can be. */
  message: Type.Object({
    type: Type.Literal(TYPES.message),
    dest: Type.String(),
    message: Type.String(),
    ...User,
  }),
  register: Type.Object({ type: Type.Literal(TYPES.register), ...User }),
  login: Type.Object({ type: Type.Literal(TYPES.login), ...User }),
  logout: Type.Object({ type: Type.Literal(TYPES.logout), ...User }),
  join: Type.Object({ type: Type.Literal(TYPES.join), ...Place }),
  leave: Type.Object({ type: Type.Literal(TYPES.leave), ...Place }),
  /** `channel`: the one that was asked about, absent where it was everyone. */
  list: Type.Object({
    type: Type.Literal(TYPES.list),
    users: Type.Array(Type.String()),
    channel: Type.Optional(Type.String()),
  }),
}

/** One of {@link UP}, told apart by `type`. */
export type Up = { [N in keyof typeof UP]: Static<(typeof UP)[N]> }[keyof typeof UP]
/** One of {@link DOWN}, told apart by `type`. */
export type Down = { [N in keyof typeof DOWN]: Static<(typeof DOWN)[N]> }[keyof typeof DOWN]
export type FrameError = (typeof FRAME_ERRORS)[number]

type Schemas = typeof UP | typeof DOWN

/** One checker for each `type`, so that an error says what is wrong with that message and not with a union. */
function decoder<Message>(schemas: Schemas) {
  const checks = new Map<unknown, (value: unknown) => Result<unknown>>(
    Object.entries(schemas).map(([name, schema]) => [TYPES[name as keyof typeof TYPES], checker(schema)]),
  )
  return (text: string): Result<Message> => {
    const parsed = parseJson(text)
    if (!parsed.ok) return parsed
    const { value } = parsed
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return err('not an object')
    const check = checks.get((value as { type?: unknown }).type)
    if (!check) return err(`type: must be one of ${[...checks.keys()].join(', ')}`)
    return check(value) as Result<Message>
  }
}

export const decodeUp = decoder<Up>(UP)
export const decodeDown = decoder<Down>(DOWN)

export const encodeUp = (message: Up): string => JSON.stringify(message)
export const encodeDown = (message: Down): string => JSON.stringify(message)

/** Most characters (Unicode code points, in NFC) of a nickname and of a channel's name. */
export const NICK_MAX = 32
export const CHANNEL_MAX = 64

/** Letters with their marks, digits and IRC's own, less what Unicode draws as nothing (the Hangul fillers are letters). */
const NICK = /^[[\p{L}_\[\]\{\}\\`\|^]--\p{DI}][[\p{L}\p{M}\p{Nd}_\-\[\]\{\}\\`\|^.]--\p{DI}]*$/v

const BAD_NICK = `a nickname is 1 to ${NICK_MAX} letters, digits and _ - [ ] { } \\ \` | ^ . of which no digit, - or . comes first`

/** The nickname rule. `name` is the nickname as it was written. */
export function parseNick(raw: string): Result<Name> {
  if (!NICK.test(raw) || [...raw.normalize('NFC')].length > NICK_MAX) return err(BAD_NICK)
  return ok({ name: raw, key: nameKey(raw) })
}

const LEADING_SHARPS = /^#+/
const NO_CHANNEL = /[\s,\p{Cc}\p{Cs}]/v

/** A channel's name, in NFC, from what a client wrote as `channel` or `dest`; leading `#`s are no part of it. */
export function parseChannel(raw: string): Result<string> {
  const name = raw.replace(LEADING_SHARPS, '').normalize('NFC')
  if (name === '') return err('a channel has a name')
  if (name.length > CHANNEL_MAX && [...name].length > CHANNEL_MAX) {
    return err(`the name of a channel has ${CHANNEL_MAX} characters at most`)
  }
  if (NO_CHANNEL.test(name)) return err('the name of a channel holds no spaces, commas or control characters')
  return ok(name)
}

/** The path under which `nick` logs in. */
export const loginPath = (nick: string): string => LOGIN_PATH + encodeURIComponent(nick)

/**
 * The nickname in the path of `url`, a request's; `undefined` where it is not percent-encoded UTF-8. Clients that encode
 * nothing send UTF-8 as it is, which Node's parser hands on as Latin-1.
 */
export function nickOf(url: string): string | undefined {
  const [path = ''] = url.split('?', 1)
  const encoded = path
    .slice(LOGIN_PATH.length)
    .replace(/\/$/, '')
    .replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
