import {
  type College,
  isCollege,
  isPerson,
  isToken,
  type Person,
  type Token,
} from '@switchboard/protocol/client/nemesis'
import { badAnswer } from '../core/errors.ts'
import { request, requestText, type Server } from '../core/http.ts'
import { pathOf } from './path.ts'

export interface Credentials {
  username: string
  password: string
  /** `self`: also where its person is no team leader; then it is good for that person's own e-mail address and password. */
  scope?: 'self'
}

/** A token for 24 hours. */
export const logIn = (server: Server, credentials: Credentials): Promise<Token> =>
  request(server, pathOf('auth'), { method: 'POST', body: credentials, check: isToken })

/** Takes the server's token back. */
export const logOut = (server: Server): Promise<void> =>
  request(server, pathOf('deauth'), { method: 'POST', body: { token: server.token ?? '' } })

const REVISION = /^[0-9a-f]{40}$/

/** The revision that the service runs, 40 hex digits. Takes no token. */
export async function getRevision(server: Server): Promise<string> {
  const revision = await requestText(server, pathOf('site', 'sha'))
  if (!REVISION.test(revision)) throw badAnswer('its body')
  return revision
}

/** The college that a team leader works in. */
export const getCollege = (server: Server): Promise<College> =>
  request(server, pathOf('college'), { check: isCollege })

export const getPerson = (server: Server, userid: string): Promise<Person> =>
  request(server, pathOf('user', userid), { check: isPerson })

export interface Change {
  email?: string
  /** 1 to 1,024 bytes. Takes back every token of the person, in every service. */
  password?: string
}

/**
 * An own address, of somebody who is no team leader, changes when the link that is mailed to it is followed; everything else
 * at once. Rejects with `BAD_BINDING` for an address that is none or somebody else's.
 */
export const changePerson = (server: Server, userid: string, change: Change): Promise<void> =>
  request(server, pathOf('user', userid), { method: 'POST', body: change })
