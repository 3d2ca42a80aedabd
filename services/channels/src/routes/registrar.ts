import type { Accounts } from '@switchboard/auth/accounts'
import type { LoginGuard } from '@switchboard/auth/login-guard'
import type { Counter } from '@switchboard/kit/limits'
import { encodeDown, type FrameError, TYPES } from '@switchboard/protocol/channels'
import { parsePassword, parseUsername } from '@switchboard/protocol/names'
import { err, type Result } from '@switchboard/protocol/result'
import { refusal } from '../domain/handle.ts'
import type { Roster } from './roster.ts'
import type { Session } from './session.ts'

/** Which nicknames belong to which accounts, by the nickname's key and the account's id. */
export interface Reservations {
  owner(nickKey: string): Promise<number | undefined>
  reserve(nickKey: string, account: number): Promise<void>
}

export interface RegistrarParts {
  accounts: Pick<Accounts, 'byName' | 'create' | 'verify'>
  guard: LoginGuard
  signUps: Counter
  reservations: Reservations
  roster: Roster
}

interface Problem {
  code: FrameError
  message: string
}

type Answer = Result<{ id: number }, Problem>

interface Try {
  name: string
  password: string
  /** Whose limits it counts against. */
  address: string
  /** Aborted when the client goes away. */
  signal: AbortSignal
}

const tooMany = (what: string, seconds: number) =>
  err<Problem>({ code: 'RATE_LIMITED', message: `too many ${what}; try again in ${seconds} s` })

/** Reserves nicknames. Calls reject where the database is away. */
export function createRegistrar({ accounts, guard, signUps, reservations, roster }: RegistrarParts) {
  async function verify({ name, password, address, signal }: Try): Promise<Answer> {
    const verified = await guard.attempt({ name, address, signal }, () => accounts.verify(name, password))
    if (verified.ok) return verified
    if (typeof verified.error === 'object') return tooMany('failed log-ins', verified.error.retryAfterSeconds)
    return err({
      code: 'BAD_PASSWORD',
      message: 'there is an account of this name, and this is not its password',
    })
  }

  /** The account of that name, made where there is none. */
  async function accountOf(attempt: Try): Promise<Answer> {
    const { name, password, address } = attempt
    if (await accounts.byName(name)) return verify(attempt)
    const secret = parsePassword(password)
    if (!secret.ok) return err({ code: 'BAD_PASSWORD', message: secret.error })
    const wait = await signUps.take(address)
    if (wait > 0) return tooMany('new accounts', wait)
    const made = await accounts.create({ username: name, password })
    // Somebody may have made it since it was looked up.
    return made.ok ? made : verify(attempt)
  }

  /** Answers the frame that tells the connection how it went. */
  return async (id: string, session: Session, password: string, signal: AbortSignal): Promise<string> => {
    const { nick, address } = session
    const username = parseUsername(nick.name)
    if (!username.ok)
      return refusal('BAD_USERNAME', `this nickname cannot be an account's: ${username.error}`)
    const account = await accountOf({ name: nick.name, password, address, signal })
    if (!account.ok) return refusal(account.error.code, account.error.message)
    await reservations.reserve(nick.key, account.value.id)
    if (session.account === account.value.id) await roster.promote(id, session)
    return encodeDown({ type: TYPES.register, user: nick.name })
  }
}

export type Registrar = ReturnType<typeof createRegistrar>
