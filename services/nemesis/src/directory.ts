import type { Account } from '@switchboard/auth/account'
import type { Result } from '@switchboard/protocol/result'
import type { Standing } from './domain/rights.ts'

export interface Person extends Standing {
  /** As the directory writes it. */
  userid: string
  firstName: string
  surname: string
  email: string | undefined
}

/** Who is in a college, in no order. */
interface Members {
  userids: string[]
  /** Those that have a member in the college. */
  teams: string[]
}

/**
 * Where people, colleges and teams are kept. Any string may be asked for: one that cannot be a userid is nobody's.
 * Userids are compared without regard to case. Every call rejects where the directory does not answer.
 */
export interface Directory {
  /** Whom a password belongs to, in the directory or not. A wrong password and an unknown name take the same time. */
  authenticate(userid: string, password: string): Promise<Result<Account>>
  person(userid: string): Promise<Person | undefined>
  members(college: string): Promise<Members>
  /** There is a team of exactly this name. */
  hasTeam(name: string): Promise<boolean>
  /** The error may be shown: the address is somebody else's, or the person is gone. */
  setEmail(userid: string, email: string): Promise<Result<unknown>>
  /** Every token of the person is good no more, in any process. */
  setPassword(userid: string, password: string): Promise<Result<unknown>>
}
