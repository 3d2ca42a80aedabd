/**
 * Every WebSocket close code that a Switchboard server sends, with whether the client may come back by itself.
 * Codes are RFC 6455 §7.4.1 and the IANA registry.
 */
export const CLOSE_CODES = {
  /** Normal: the client asked for it. */
  1000: { retry: false },
  /** Protocol error: not a WebSocket frame. */
  1002: { retry: false },
  /** A text frame was not UTF-8. */
  1007: { retry: false },
  /** Policy: not allowed; the reason says what. */
  1008: { retry: false },
  /** A frame was larger than the service takes. */
  1009: { retry: false },
  /** Restart: the process is going; come back, another one answers. */
  1012: { retry: true },
  /** Try later: what the server needs is away, or the client read too slowly. */
  1013: { retry: true },
} as const

export type CloseCode = keyof typeof CLOSE_CODES

/** Reasons beside the codes: short, stable, at most 123 bytes. */
export const CLOSE_REASONS = {
  slowConsumer: 'SLOW_CONSUMER',
  tooManyMessages: 'TOO_MANY_MESSAGES',
  revoked: 'TOKEN_REVOKED',
  restarting: 'RESTARTING',
  unavailable: 'UNAVAILABLE',
} as const
