import type { IncomingMessage } from 'node:http'
import { LOGIN_PATH, nickOf, parseNick } from '@switchboard/protocol/channels'

/** What no nickname holds, percent-encoded. */
const NO_NICK = `${LOGIN_PATH}%00`

/**
 * The router refuses a URL that it cannot decode or that is very long, but whoever comes with a bad nickname is let in and
 * told. So before the router sees one, it becomes one that the router takes and that is just as bad.
 */
export function routeAnyNick(request: IncomingMessage): void {
  const { url = '' } = request
  if (url.startsWith(LOGIN_PATH) && !parseNick(nickOf(url) ?? '').ok) request.url = NO_NICK
}
