import { ResultCodeError } from 'ldapts'

/** Result codes of RFC 4511 that mean something here. */
export const RESULT = {
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  noSuchAttribute: 16,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  entryAlreadyExists: 68,
} as const

/** The server does not answer, not in time, or not as somebody to be trusted: the same call may succeed later. */
export class DirectoryAway extends Error {
  override name = 'DirectoryAway'
  /** One that kit's `isUnavailable` knows. */
  readonly code = 'EHOSTUNREACH'
  readonly statusCode = 503
  /** It will not pass by itself: a password or a certificate is not the right one. */
  readonly lasting: boolean

  constructor(why: string, { lasting = false } = {}) {
    super(`the LDAP server cannot be used: ${why}`)
    this.lasting = lasting
  }
}

/**
 * The server said no. Its own words are left out, because they may repeat names and values: the code says what is wrong
 * (RFC 4511 appendix A).
 */
class DirectoryRefusal extends Error {
  override name = 'DirectoryRefusal'
  readonly result: number

  constructor(result: number) {
    const hint =
      result === RESULT.sizeLimitExceeded
        ? '; its size limit for LDAP_MANAGER_DN is too small for the directory'
        : ''
    super(`the LDAP server refused an operation with result code ${result}${hint}`)
    this.result = result
  }
}

const AWAY: readonly number[] = [RESULT.busy, RESULT.unavailable, RESULT.timeLimitExceeded]

/** An error of ldapts or of a socket, without what it may repeat of a request. */
export function withoutDetails(
  error: unknown,
  connection: { isOpen(): boolean; timedOut(): boolean },
): unknown {
  if (error instanceof DirectoryAway || error instanceof DirectoryRefusal) return error
  if (error instanceof ResultCodeError) {
    return AWAY.includes(error.code)
      ? new DirectoryAway(`result code ${error.code}`)
      : new DirectoryRefusal(error.code)
  }
  if (connection.timedOut()) return new DirectoryAway('no answer in time')
  if (!connection.isOpen()) return new DirectoryAway('the connection broke')
  // What ldapts says of an answer that it cannot read.
  if (error instanceof Error && 'messageDetails' in error) return new DirectoryAway('no LDAP is spoken there')
  return error
}

/** One of these results. */
export const isRefusal = (error: unknown, ...results: readonly number[]): boolean =>
  error instanceof DirectoryRefusal && results.includes(error.result)
