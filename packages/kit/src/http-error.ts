import { ERRORS, type ErrorCode } from '@switchboard/protocol/errors'

/** An answer that ends a request; a route throws it and the service's own error form shows it. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  /** @param options.status where it differs from the one that `protocol/errors` gives the code */
  constructor(
    code: ErrorCode,
    message: string,
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    const entry: { status?: number; retry: boolean } = ERRORS[code]
    this.code = code
    this.status = options.status ?? entry.status ?? 500
    this.headers = options.headers ?? {}
  }
}

/** 429 with `Retry-After`. */
export const tooMany = (retryAfterSeconds: number): HttpError =>
  new HttpError('RATE_LIMITED', 'too many tries; come back later', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })

/** 503: what the request needs is away. The cause is for the log only. */
export const unavailable = (cause?: unknown): HttpError =>
  new HttpError('UNAVAILABLE', 'something that this needs is away; try again soon', { cause })
