import { ask } from './redis-away.ts'
import { type Runner, TAG } from './scripts.ts'
import type { TokenStore } from './store.ts'

export function createRedisTokens(redis: Runner): TokenStore {
  return {
    async add({ token, maker, expiresAt }, { most, now }) {
      const fits = Math.min(most, Number.MAX_SAFE_INTEGER)
      const firstEnds = await ask(redis.relayAdd(TAG, token, maker, expiresAt, fits, now))
      return firstEnds === null ? { added: true } : { added: false, firstEnds: Number(firstEnds) }
    },

    async find(token, now) {
      const expiresAt = Number((await ask(redis.zscore(`${TAG}:expiry`, token))) ?? 0)
      return expiresAt > now ? expiresAt : undefined
    },

    refresh: async (token, { expiresAt, now }) =>
      (await ask(redis.relayRefresh(TAG, token, expiresAt, now))) === 1,
  }
}
