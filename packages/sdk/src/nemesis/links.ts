import { isLink, isLoggedIn, type Link, type LoggedIn } from '@switchboard/protocol/client/nemesis'
import { request, type Server } from '../core/http.ts'
import { pathOf } from './path.ts'

/** Mails a link that sets a password, where there is such a person; whether there is, is not told. */
export const askForReset = (server: Server, who: { username: string } | { email: string }): Promise<void> =>
  request(server, pathOf('reset_password'), { method: 'POST', body: who })

/** As in the address of a mailed link: `…/activate/<userid>/<code>`. */
export interface MailedLink {
  kind: 'activate' | 'reset_password'
  userid: string
  code: string
}

const linkPath = ({ kind, userid, code }: MailedLink) => pathOf(kind, userid, code)

/** Whether a link is good, before somebody thinks up a password. Rejects as {@link setPassword} does. */
export const checkLink = (server: Server, link: MailedLink): Promise<Link> =>
  request(server, linkPath(link), { check: isLink })

/** Behind a mailed link: sets the password and logs in. Rejects with `NOT_FOUND`, `GONE` (too old) or `FORBIDDEN`. */
export const setPassword = (server: Server, link: MailedLink, password: string): Promise<LoggedIn> =>
  request(server, linkPath(link), { method: 'POST', body: { password }, check: isLoggedIn })

/** Behind a link that was mailed to a new address: takes it over. Rejects with `CONFLICT` too, where it is somebody else's. */
export const verifyEmail = (server: Server, { userid, code }: Omit<MailedLink, 'kind'>): Promise<Link> =>
  request(server, pathOf('verify', userid, code), { check: isLink })
