import { type Check, decode, isText, listOf, objectOf, optional } from './check.ts'

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

/** Bytes of the largest frame that the server takes. */
export const FRAME_MAX_BYTES = 16 * 1024

interface Of<Type extends keyof typeof TYPES> {
  type: (typeof TYPES)[Type]
}

export interface ErrorMessage extends Of<'error'> {
  code: string
  message: string
}
export interface ChannelMessage extends Of<'message'> {
  /** What the sender wrote: with or without leading `#`s. */
  dest: string
  message: string
  /** A nickname, or `name@service`. */
  user: string
}
export interface UserMessage extends Of<'register' | 'login' | 'logout'> {
  user: string
}
export interface PlaceMessage extends Of<'join' | 'leave'> {
  channel: string
  user: string
}
export interface ListMessage extends Of<'list'> {
  /** Longest there first. */
  users: string[]
  /** Absent: they are everyone's. */
  channel?: string | undefined
}
export type Down = ErrorMessage | ChannelMessage | UserMessage | PlaceMessage | ListMessage

const isUser = objectOf<{ user: string }>({ user: isText })
const isPlace = objectOf<{ channel: string; user: string }>({ channel: isText, user: isText })

/** By `type`. */
const CHECKS: Readonly<Record<number, Check<object>>> = {
  [TYPES.error]: objectOf<Omit<ErrorMessage, 'type'>>({ code: isText, message: isText }),
  [TYPES.message]: objectOf<Omit<ChannelMessage, 'type'>>({ dest: isText, message: isText, user: isText }),
  [TYPES.register]: isUser,
  [TYPES.login]: isUser,
  [TYPES.logout]: isUser,
  [TYPES.join]: isPlace,
  [TYPES.leave]: isPlace,
  [TYPES.list]: objectOf<Omit<ListMessage, 'type'>>({ users: listOf(isText), channel: optional(isText) }),
}

const isTyped = objectOf<{ type: number }>({ type: (value): value is number => Number.isInteger(value) })

/** One frame. `unknown`: a type that is not listed here; `undefined`: nothing that the server says. */
export function decodeDown(frame: string): Down | 'unknown' | undefined {
  const message = decode(isTyped, frame)
  if (!message) return
  const check = CHECKS[message.type]
  if (!check) return 'unknown'
  return check(message) ? (message as Down) : undefined
}

/** How channels are compared: leading `#`s are no part of the name. */
export const channelName = (written: string): string => written.replace(/^#+/, '').normalize('NFC')
