import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { unavailable } from './http-error.ts'
import type { Counter, OpenLimits, Rule } from './limits.ts'
import { secondsUntil } from './limits-seconds.ts'
import type { Connect, RedisClient } from './redis.ts'

/**
 * KEYS counter; ARGV what is added, seconds of the window, the most. What would go past the most, or below nothing, is
 * not counted, at once: many processes that ask for the last one get it once.
 */
const ADD = `
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
local added = count + ARGV[1]
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then ttl = ARGV[2] * 1000 end
if added < 0 or added > tonumber(ARGV[3]) then return {added, ttl} end
redis.call('SET', KEYS[1], string.format('%d', added), 'PX', ttl)
return {added, ttl}`

/** 503 rather than letting through what nobody counts. What Redis says may quote its key, and keys name people. */
async function answer<T>(command: Promise<T>): Promise<T> {
  try {
    return await command
  } catch (error) {
    if (error instanceof RateLimiterRes) throw error
    throw unavailable(new Error('Redis does not count just now'))
  }
}

function counterOf(storeClient: RedisClient, name: string, rule: Rule): Counter {
  const limiter = new RateLimiterRedis({
    storeClient,
    keyPrefix: `sb:limit:${name}`,
    points: rule.points,
    duration: rule.windowSeconds,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: ADD,
  })
  return {
    async take(key) {
      try {
        await answer(limiter.consume(key))
        return 0
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        return secondsUntil(refusal)
      }
    },
    async wait(key) {
      const result = await answer(limiter.get(key))
      return result !== null && result.consumedPoints >= rule.points ? secondsUntil(result) : 0
    },
    count: async (key) => (await answer(limiter.get(key)))?.consumedPoints ?? 0,
    give: async (key) => void (await answer(limiter.reward(key))),
  }
}

/** Counters that all processes on one Redis share. They answer 503 while it is away or does not answer within 2 s. */
export function redisLimits(connect: Connect): OpenLimits {
  const client = connect('commands')
  const counters = new Map<string, Counter>()
  return {
    on: true,
    counter(name, rule) {
      const known = counters.get(name) ?? counterOf(client, name, rule)
      counters.set(name, known)
      return known
    },
    async [Symbol.asyncDispose]() {
      client.disconnect()
    },
  }
}
