import { signal } from '@preact/signals'
import { logIn, logOut, type Server } from '@switchboard/sdk/nemesis'
import { SERVER } from '../../state/session.ts'

export interface Leader {
  userid: string
  token: string
}

/** Nemesis' own log-in, which no other token is good for. Kept in memory: it opens a school's list of people. */
export const leader = signal<Leader | undefined>(undefined)

export const asLeader = ({ token }: Leader): Server => ({ ...SERVER, token })

export async function logInLeader(username: string, password: string): Promise<void> {
  const { token } = await logIn(SERVER, { username, password })
  leader.value = { userid: username, token }
}

export async function logOutLeader(): Promise<void> {
  const { value } = leader
  leader.value = undefined
  if (value) await logOut(asLeader(value)).catch(() => {})
}
