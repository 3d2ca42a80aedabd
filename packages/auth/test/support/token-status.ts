import type { TokenProblem } from '../../src/tokens.ts'

/** What the apps of these tests answer. */
export const TOKEN_STATUS = {
  MISSING: 401,
  INVALID: 401,
  CROSS_SITE: 403,
  UNAVAILABLE: 503,
} as const satisfies Record<TokenProblem, number>
