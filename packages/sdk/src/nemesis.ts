import {
  type AuditEntry,
  type College,
  isAuditPage,
  isCollege,
  isLoggedIn,
  isPerson,
  isQueued,
  isRegistrations,
  isToken,
  type LoggedIn,
  type Person,
  type QueuedRegistration,
  type Token,
} from '@switchboard/protocol/client/nemesis'
import { request, type Server } from './core/http.ts'

export type {
  AuditEntry,
  College,
  LoggedIn,
  Person,
  QueuedRegistration,
  Token,
} from '@switchboard/protocol/client/nemesis'
export { type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Server } from './core/http.ts'

/**
 * The registry of a school. Its tokens come from its own `logIn` and are good here only. Every function rejects as `request`
 * does: `FORBIDDEN` (wrong password, no valid token, or not yours to see), `BAD_BINDING`, `RATE_LIMITED`, `UNAVAILABLE`, ….
 */
const BASE = '/userman'

const withQuery = (path: string, query: object): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, `${value}`]))}`
}

export interface Credentials {
  username: string
  password: string
  /** `self`: also where its person is no team leader; then it is good for that person's own e-mail address and password. */
  scope?: 'self'
}

/** A token for 24 hours. */
export const logIn = (server: Server, credentials: Credentials): Promise<Token> =>
  request(server, `${BASE}/auth`, { method: 'POST', body: credentials, check: isToken })

/** Takes the server's token back. */
export const logOut = (server: Server): Promise<void> =>
  request(server, `${BASE}/deauth`, { method: 'POST', body: { token: server.token ?? '' } })

/** The college that a team leader works in. */
export const getCollege = (server: Server): Promise<College> =>
  request(server, `${BASE}/college`, { check: isCollege })

const personPath = (userid: string) => `${BASE}/user/${encodeURIComponent(userid)}`

export const getPerson = (server: Server, userid: string): Promise<Person> =>
  request(server, personPath(userid), { check: isPerson })

/** An own address, of somebody who is no team leader, changes when the link that is mailed to it is followed. */
export const changePerson = (
  server: Server,
  userid: string,
  change: { email?: string; password?: string },
): Promise<void> => request(server, personPath(userid), { method: 'POST', body: change })

export interface Registration {
  first_name: string
  last_name: string
  email: string
  team: string
}

/** Asks for somebody to be let in. */
export const register = (server: Server, registration: Registration): Promise<void> =>
  request(server, `${BASE}/user/register`, { method: 'POST', body: registration })

export interface RegistrationQuery {
  /** `waiting` unless told. */
  state?: 'waiting' | 'approving' | 'approved' | 'rejected' | 'all'
  /** Only those with a higher id, for the next page. */
  after?: number
  /** 50 unless told, 200 at most. */
  count?: number
}

/** By id: a team leader's colleges' ones, an administrator's all. */
export const getRegistrations = async (
  server: Server,
  query: RegistrationQuery = {},
): Promise<QueuedRegistration[]> =>
  (await request(server, withQuery(`${BASE}/registrations`, query), { check: isRegistrations })).registrations

const decide = (server: Server, id: number, decision: string, body: object): Promise<QueuedRegistration> =>
  request(server, `${BASE}/registrations/${id}/${decision}`, { method: 'POST', body, check: isQueued })

/** An administrator's: makes the person, and mails a link that sets a password. Rejects with `CONFLICT`. */
export const approve = (
  server: Server,
  id: number,
  body: { team?: string } = {},
): Promise<QueuedRegistration> => decide(server, id, 'approve', body)

/** An administrator's. */
export const reject = (server: Server, id: number, reason: string): Promise<QueuedRegistration> =>
  decide(server, id, 'reject', { reason })

/** Mails a link that sets a password, where there is such a person; whether there is, is not told. */
export const askForReset = (server: Server, who: { username: string } | { email: string }): Promise<void> =>
  request(server, `${BASE}/reset_password`, { method: 'POST', body: who })

export interface MailedLink {
  kind: 'activate' | 'reset_password'
  userid: string
  code: string
}

/** Behind a mailed link: sets the password and logs in. Rejects with `NOT_FOUND`, `GONE` (too old) or `FORBIDDEN`. */
export const setPassword = (server: Server, link: MailedLink, password: string): Promise<LoggedIn> =>
  request(
    server,
    `${BASE}/${link.kind}/${encodeURIComponent(link.userid)}/${encodeURIComponent(link.code)}`,
    {
      method: 'POST',
      body: { password },
      check: isLoggedIn,
    },
  )

export interface AuditQuery {
  /** Only entries with a smaller id, for the next page. */
  before?: number
  /** 100 unless told, 500 at most. */
  count?: number
  actor?: string
  action?: string
}

/** An administrator's: who did what to whom, newest first. */
export const getAudit = async (server: Server, query: AuditQuery = {}): Promise<AuditEntry[]> =>
  (await request(server, withQuery(`${BASE}/audit`, query), { check: isAuditPage })).entries
