import type { LiveRedis } from './redis.ts'

/** One way in which Redis is away for a while. */
export interface RedisOutage {
  /** More of Redis' command line that is needed for it. */
  args?: string[]
  begin(redis: LiveRedis): unknown
  end(redis: LiveRedis): unknown
}

/** By what happens to Redis. */
export const REDIS_OUTAGES: [string, RedisOutage][] = [
  [
    'is stopped for 5 s',
    {
      args: ['--appendonly', 'yes', '--appendfsync', 'always'],
      begin: (redis) => redis.stop(),
      end: (redis) => redis.start(),
    },
  ],
  ['hangs for 5 s', { begin: (redis) => redis.pause(), end: (redis) => redis.resume() }],
  [
    'is killed, and comes back without its data',
    { begin: (redis) => redis.kill(), end: (redis) => redis.start() },
  ],
]
