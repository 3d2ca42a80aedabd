import {
  isLink,
  isLoggedIn,
  isMessage,
  isMessages,
  isRoom,
  isUser,
  type Link,
  type LoggedIn,
  type Message,
  type Room,
  successOf,
  type User,
} from '@switchboard/protocol/client/chat'
import { type Check, listOf } from '@switchboard/protocol/client/check'
import { type Asked, request, type Server } from '../core/http.ts'

/** Every function here rejects as `request` does, with the codes of chat's own table. */
const BASE = '/api/v1'

async function ask<T>(server: Server, path: string, data: Check<T>, asked: Asked<unknown> = {}): Promise<T> {
  const { body, method = body === undefined ? 'GET' : 'POST' } = asked
  return (await request(server, BASE + path, { method, body, check: successOf(data) })).data
}

/** The path of a room, by its name. */
export const roomPath = (name: string): string => `/rooms/${encodeURIComponent(name)}`

export interface Credentials {
  /** 1 to 64 characters. */
  username: string
  /** 1 to 1,024 bytes. */
  secret: string
}

/** Makes an account, which is good for every service. Rejects with `USER_EXISTS`, `BAD_USERNAME`, `BAD_PASSWORD`, … */
export const signUp = (server: Server, credentials: Credentials): Promise<User> =>
  ask(server, '/users', isUser, { body: credentials })

/** A token for 72 hours, and whom it speaks for. Rejects with `USER_NOT_FOUND`, `PASSWORD_MATCH_FAILED`, … */
export const logIn = (server: Server, credentials: Credentials): Promise<LoggedIn> =>
  ask(server, '/login', isLoggedIn, { body: credentials })

export const getUser = (server: Server, id: number): Promise<User> => ask(server, `/users/${id}`, isUser)

/** A room and who is connected to it now. Rejects with `ROOM_NOT_FOUND` where nobody ever joined it. */
export const getRoom = (server: Server, name: string): Promise<Room> => ask(server, roomPath(name), isRoom)

export interface HistoryQuery {
  /** A room's id, from `getRoom`. */
  roomId?: string
  userId?: number
  /** A message's id: only what the room has before it. Takes `roomId`. */
  before?: string | undefined
  /** 50 unless told, 200 at most. */
  count?: number
}

/**
 * The newest messages of a room, of a person (with a token), or of a person in a room; oldest first. Rejects with
 * `ROOM_NOT_FOUND`, `USER_NOT_FOUND`, and with `MESSAGE_NOT_FOUND` where the room has no such message as `before`.
 */
export function getMessages(
  server: Server,
  { roomId, userId, before, count = 50 }: HistoryQuery,
): Promise<Message[]> {
  const query = new URLSearchParams({ count: `${count}` })
  if (roomId !== undefined) query.set('room_id', roomId)
  if (userId !== undefined) query.set('user_id', `${userId}`)
  if (before !== undefined) query.set('before', before)
  return ask(server, `/messages?${query}`, isMessages)
}

export const getMessage = (server: Server, id: string): Promise<Message> =>
  ask(server, `/messages/${encodeURIComponent(id)}`, isMessage)

/** What a room may be linked to: a channel, requests to a relay token, an ide space, registrations for a college. */
export type LinkTarget =
  | { kind: 'channel'; name: string }
  | { kind: 'relay'; token: string }
  | { kind: 'space'; id: string }
  /** `token`: nemesis' own. */
  | { kind: 'college'; id: string; token: string }

const linksPath = (room: string) => `${roomPath(room)}/links`

/** A room's links, by its name. Takes a token, as `addLink` and `removeLink` do, which are the room's owner's. */
export const getLinks = (server: Server, room: string): Promise<Link[]> =>
  ask(server, linksPath(room), listOf(isLink))

export const addLink = (server: Server, room: string, target: LinkTarget): Promise<Link> =>
  ask(server, linksPath(room), isLink, { body: target })

export const removeLink = (server: Server, room: string, linkId: string): Promise<Link> =>
  ask(server, `${linksPath(room)}/${encodeURIComponent(linkId)}`, isLink, { method: 'DELETE' })
