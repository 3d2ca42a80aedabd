import { CLOSE_CODES, type CloseCode } from '@switchboard/protocol/close-codes'
import { ERRORS, type ErrorCode } from '@switchboard/protocol/errors'

/** What the SDK itself finds out, beside the codes that a server names. The README says why each is. */
export const LOCAL_CODES = [
  'UNREACHABLE',
  'TIMEOUT',
  'BAD_ANSWER',
  'BUFFER_FULL',
  'TOO_SLOW',
  'UNCONFIRMED',
  'DISPLACED',
  'ENDED',
] as const

/** A server's own codes and reasons beside these are possible: a newer one may know more. */
export type Code = (typeof LOCAL_CODES)[number] | ErrorCode | (string & {})

/** Every error of this package. Its message holds no token, no password and nothing that people said. */
export class SwitchboardError extends Error {
  // Said, because a minifier renames classes.
  override readonly name: string = 'SwitchboardError'
  readonly code: Code
  /** The same may succeed later, without a change. */
  readonly retryable: boolean

  constructor(code: Code, message: string, retryable: boolean) {
    super(message)
    this.code = code
    this.retryable = retryable
  }
}

const isServerCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** A server understood what was asked, and refused. */
export class ServerError extends SwitchboardError {
  override readonly name: string = 'ServerError'
  /** Of the HTTP answer; absent where a frame of a socket said it. */
  readonly status: number | undefined
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(code: Code, message: string, status?: number, retryAfterMs?: number, retryable?: boolean) {
    const unlessTold = (status ?? 0) >= 500 || retryAfterMs !== undefined
    super(code, message, retryable ?? (isServerCode(code) ? ERRORS[code].retry : unlessTold))
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** A code that no Switchboard sends comes from what lies between (1001, 1006, 1011, …): then it is worth another try. */
const mayRetry = (closeCode: number): boolean => CLOSE_CODES[closeCode as CloseCode]?.retry ?? true

/** A WebSocket was closed from the other side. `code` is the reason that was given (`TOKEN_REVOKED`), else `CLOSED`. */
export class ClosedError extends SwitchboardError {
  override readonly name = 'ClosedError'
  /** RFC 6455 §7.4. */
  readonly closeCode: number

  constructor(closeCode: number, reason: string) {
    const named = /^[A-Z_]{3,40}$/.test(reason) ? reason : 'CLOSED'
    super(named, `the connection was closed with ${closeCode} ${named}`, mayRetry(closeCode))
    this.closeCode = closeCode
  }
}

export const unreachable = (): SwitchboardError =>
  new SwitchboardError('UNREACHABLE', 'the server cannot be reached', true)

/** `what`: in words that hold nothing of what came. */
export const badAnswer = (what: string): SwitchboardError =>
  new SwitchboardError('BAD_ANSWER', `the server's answer cannot be understood: ${what}`, true)

export const timedOut = (ms: number): SwitchboardError =>
  new SwitchboardError('TIMEOUT', `nobody answered within ${ms} ms`, true)

/** `what`: of what there is too much. */
export const bufferFull = (what: string): SwitchboardError =>
  new SwitchboardError('BUFFER_FULL', `${what} wait to be sent`, true)

export const ended = (): SwitchboardError => new SwitchboardError('ENDED', 'it was closed', false)

/** Of a frame that no service would take. */
export const badMessage = (message: string): SwitchboardError =>
  new SwitchboardError('BAD_MESSAGE', message, false)
