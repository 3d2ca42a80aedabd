import type { Result } from '@switchboard/protocol/result'
import type { College, Role, Standing } from './domain/rights.ts'

export interface Person extends Standing {
  /** As the directory writes it. */
  userid: string
  firstName: string
  surname: string
  email: string | undefined
}

/** Whom a token is issued to. Not every directory has accounts: then `id` is good for nemesis' own tokens only. */
export interface Subject {
  id: number
  /** The userid, as the directory writes it. */
  username: string
  /** Tokens of an earlier one are revoked. */
  generation: number
}

interface Names {
  firstName: string
  surname: string
}

export interface NewPerson extends Names {
  userid: string
  email: string | undefined
  /** `undefined`: nobody can log in as this person until one is set. */
  password: string | undefined
  roles: readonly Role[]
  /** Names of colleges and teams that are there. */
  colleges: readonly string[]
  teams: readonly string[]
}

/** Where someone belongs. */
export type Places = Pick<NewPerson, 'roles' | 'colleges' | 'teams'>

/** Why something could not be kept. `message` may be shown, and repeats nothing of what was given. */
export interface DirectoryProblem {
  code: 'USERID_TAKEN' | 'EMAIL_TAKEN' | 'NOBODY' | 'IMPOSSIBLE'
  message: string
}

/** Who is in a college, in no order. */
interface Members {
  userids: string[]
  /** Those that have a member in the college. */
  teams: string[]
}

/**
 * Where people, colleges and teams are kept. Any string may be asked for: one that cannot be a userid is nobody's.
 * Userids are compared without regard to case. Every call rejects with what kit's `isUnavailable` knows where the
 * directory does not answer.
 */
export interface Directory {
  /** Whom a password belongs to, in the directory or not. A wrong password and an unknown name take the same time. */
  authenticate(userid: string, password: string): Promise<Result<Subject>>
  /** Whom to issue a token to without a password: somebody who followed a mailed link. */
  subject(userid: string): Promise<Subject | undefined>
  person(userid: string): Promise<Person | undefined>
  /** Whose address this is. */
  personByEmail(email: string): Promise<Person | undefined>
  members(college: string): Promise<Members>
  colleges(): Promise<College[]>
  /** There is a team of exactly this name. */
  hasTeam(name: string): Promise<boolean>
  /** Every userid, of people or merely taken, that begins so, in any case. */
  useridsFrom(prefix: string): Promise<string[]>

  setEmail(userid: string, email: string): Promise<Result<unknown, DirectoryProblem>>
  /** Every token of the person is good no more, in any process. */
  setPassword(userid: string, password: string): Promise<Result<unknown, DirectoryProblem>>

  /** What is there already is kept as it is. */
  addColleges(colleges: readonly College[]): Promise<void>
  addTeams(names: readonly string[]): Promise<void>
  /** All or nothing, as far as the directory can; where it answers a problem, nothing. */
  add(person: NewPerson): Promise<Result<unknown, DirectoryProblem>>
  /**
   * Adds places to those that the person has. Whoever has an account only is put into the directory, with this name (else
   * the userid); people keep theirs.
   */
  enrol(userid: string, places: Places & Partial<Names>): Promise<Result<unknown, DirectoryProblem>>
  /** Out of the directory, with every token. Colleges and teams stay. */
  remove(userid: string): Promise<Result<unknown, DirectoryProblem>>

  /** Rejects where it does not answer. */
  ping(): Promise<void>
}
