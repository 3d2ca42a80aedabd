/**
 * Every WebSocket close code that a Switchboard server sends, with whether the client may come back by itself.
 * Codes are RFC 6455 §7.4.1 and the IANA registry.
 */
export const CLOSE_CODES = {
  1000: { name: 'NORMAL', retry: false, meaning: 'the client asked for it' },
  1007: { name: 'INVALID_PAYLOAD', retry: false, meaning: 'a text frame was not UTF-8' },
  1002: { name: 'PROTOCOL_ERROR', retry: false, meaning: 'not a WebSocket frame' },
  1008: { name: 'POLICY', retry: false, meaning: 'not allowed: the reason says what' },
  1009: { name: 'TOO_BIG', retry: false, meaning: 'a frame was larger than the service takes' },
  1012: { name: 'RESTART', retry: true, meaning: 'the process is going; come back, another one answers' },
  1013: {
    name: 'TRY_LATER',
    retry: true,
    meaning: 'what the server needs is away, or the client read too slowly',
  },
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
