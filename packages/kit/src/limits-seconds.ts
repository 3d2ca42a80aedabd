import type { RateLimiterRes } from 'rate-limiter-flexible'

/** Whole seconds until the window ends, rounded up. */
export const secondsUntil = (result: RateLimiterRes): number =>
  Math.max(1, Math.ceil(result.msBeforeNext / 1000))
