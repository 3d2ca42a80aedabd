import { memoryLimits, type OpenLimits } from './limits.ts'
import { redisLimits } from './limits-redis.ts'
import type { Connect } from './redis.ts'

/** Counters that all processes on one Redis share, or in memory where there is none. */
export function openLimits({ on, connect }: { on: boolean; connect: Connect | undefined }): OpenLimits {
  if (on && connect) return redisLimits(connect)
  return { ...memoryLimits({ on }), async [Symbol.asyncDispose]() {} }
}
