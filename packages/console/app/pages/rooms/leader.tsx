import { logIn, logOut } from '@switchboard/sdk/nemesis'
import { Field } from '../../parts/form.tsx'
import { SERVER } from '../../state/session.ts'
import { leader } from '../college/session.ts'

/** Nothing to fill in for whoever is logged in on the page of colleges. */
export const LeaderFields = () =>
  leader.value ? null : (
    <>
      <Field label="Leader’s name" name="username" required />
      <Field label="Leader’s password" name="password" type="password" required />
      <small>
        The id is one like college-1. The log-in is that of somebody who leads the college; it is not kept.
      </small>
    </>
  )

/** Calls `work` with a token that shows whose college it is; one that was made for this is taken back. */
export async function asLeader(
  { username = '', password = '' }: Record<string, string>,
  work: (token: string) => Promise<unknown>,
): Promise<void> {
  if (leader.value) {
    await work(leader.value.token)
    return
  }
  const { token } = await logIn(SERVER, { username, password })
  try {
    await work(token)
  } finally {
    await logOut({ ...SERVER, token }).catch(() => {})
  }
}
