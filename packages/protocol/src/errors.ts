/**
 * Every error code that an HTTP body or a frame of Switchboard names, with the HTTP status it comes with (absent: it is
 * only sent in frames) and whether the same request may succeed later.
 */
export const ERRORS = {
  BAD_MESSAGE: { retry: false },
  NOT_CONNECTED: { retry: true },
  FORBIDDEN: { status: 403, retry: false },
  BAD_NICK: { retry: false },
  NICK_IN_USE: { retry: true },
  NICK_RESERVED: { retry: false },
  ALREADY_LOGGED_IN: { retry: false },
  TOO_MANY_PLACES: { retry: false },
  BAD_BINDING: { status: 400, retry: false },
  BAD_USERNAME: { status: 400, retry: false },
  BAD_PASSWORD: { status: 400, retry: false },
  USER_EXISTS: { status: 400, retry: false },
  USER_NOT_FOUND: { status: 400, retry: false },
  PASSWORD_MATCH_FAILED: { status: 401, retry: false },
  UNAUTHORIZED: { status: 401, retry: false },
  ROOM_NOT_FOUND: { status: 404, retry: false },
  MESSAGE_NOT_FOUND: { status: 404, retry: false },
  NOT_FOUND: { status: 404, retry: false },
  TOO_LARGE: { status: 413, retry: false },
  RATE_LIMITED: { status: 429, retry: true },
  INTERNAL: { status: 500, retry: true },
  UNAVAILABLE: { status: 503, retry: true },
} as const satisfies Record<string, { status?: number; retry: boolean }>

export type ErrorCode = keyof typeof ERRORS
