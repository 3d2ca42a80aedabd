import { effect, signal } from '@preact/signals'
import { logIn as askForToken, type User } from '@switchboard/sdk/chat'

export interface Session {
  token: string
  user: User
}

const KEY = 'session'

/** One origin serves the page and all services. */
export const SERVER = { url: location.origin }

function restore(): Session | undefined {
  try {
    const { token, user } = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session
    return { token, user: { id: Number(user.id), username: `${user.username}` } }
  } catch {
    return undefined
  }
}

/**
 * Who is logged in. Kept in `sessionStorage`: it survives a reload, ends with the tab, is in no request that the page does
 * not make and, unlike a cookie, no other site's form or link can use it. Whoever could read it there (a script in this
 * page, which the policy forbids) could as well ask in its name.
 */
export const session = signal<Session | undefined>(restore())

effect(() => {
  if (session.value) sessionStorage.setItem(KEY, JSON.stringify(session.value))
  else sessionStorage.removeItem(KEY)
})

/** The session ended elsewhere: by a log-out in another place, a new password, or its age. */
export const wasLost = signal(false)

export function loseSession(): void {
  wasLost.value = session.peek() !== undefined
  session.value = undefined
}

/** Where the services are, and who asks. */
export const server = () => ({ ...SERVER, token: session.value?.token })

/** Chat's token, which is good for ide and channels too. */
export async function logIn(username: string, secret: string): Promise<void> {
  session.value = await askForToken(SERVER, { username, secret })
  wasLost.value = false
}
