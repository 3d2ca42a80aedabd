import { type Check, isCount, isNull, isText, listOf, objectOf, optional } from './check.ts'

/** Most characters (Unicode code points) of a message's text, and most bytes of the frame that carries it. */
export const TEXT_MAX = 4096
export const FRAME_MAX_BYTES = 16 * 1024

export interface User {
  id: number
  username: string
}

export interface Sender {
  /** An account's; 0 where a link posted the message. */
  id: number
  username: string
  /** What brought it, of a message that no account said: `channels`, `relay`, `ide`, `nemesis`. */
  via?: string | undefined
}

export interface Message {
  id: string
  sender: Sender
  text: string
  /** Whole seconds since the epoch. */
  createTime: number
}

export interface Room {
  id: string
  name: string
  /** The accounts that are connected now, once each. */
  members: User[]
}

export interface Link {
  linkId: string
  /** `channel`, `relay`, `space` or `college`. */
  kind: string
  /** Of a channel. */
  name?: string | undefined
  /** Of a relay, its first characters. */
  token?: string | undefined
  /** Of a space or a college. */
  id?: string | undefined
  /** Whole seconds since the epoch. */
  createTime: number
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const isUuid: Check<string> = (value): value is string => isText(value) && UUID.test(value)
const isId: Check<number> = (value): value is number => isCount(value) && value > 0

export const isUser: Check<User> = objectOf<User>({ id: isId, username: isText })

const isSender = objectOf<Sender>({ id: isCount, username: isText, via: optional(isText) })

export const isMessage: Check<Message> = objectOf<Message>({
  id: isUuid,
  sender: isSender,
  text: isText,
  createTime: isCount,
})
/** What the server says: messages in the room's order; empty: more was missed than is sent. */
export const isMessages: Check<Message[]> = listOf(isMessage)

export const isRoom: Check<Room> = objectOf<Room>({ id: isUuid, name: isText, members: listOf(isUser) })

export const isLink: Check<Link> = objectOf<Link>({
  linkId: isUuid,
  kind: isText,
  name: optional(isText),
  token: optional(isText),
  id: optional(isText),
  createTime: isCount,
})

export interface LoggedIn {
  token: string
  user: User
}
export const isLoggedIn: Check<LoggedIn> = objectOf<LoggedIn>({ token: isText, user: isUser })

export interface Success<T> {
  error: null
  data: T
}
/** An answer over HTTP that holds `data`. */
export const successOf = <T>(data: Check<T>): Check<Success<T>> =>
  objectOf<Success<T>>({ error: isNull, data })

export const encodeUp = (text: string): string => JSON.stringify({ text })
