import type { Database } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import { createClient } from './client.ts'
import { createPostgresQueue } from './queue-postgres.ts'
import { createRedisQueue } from './queue-redis.ts'
import { ask } from './redis-away.ts'
import { type RedisClient, type Runner, withScripts } from './scripts.ts'
import type { QueueOptions, QueueStore, TokenStore } from './store.ts'
import { createPostgresTokens } from './tokens-postgres.ts'
import { createRedisTokens } from './tokens-redis.ts'

export interface Store {
  /** What it is kept in, as readiness names it. */
  place: 'redis' | 'database'
  tokens: TokenStore
  queue: QueueStore
  /** Rejects where it does not answer. */
  ping(): Promise<unknown>
  /** Gives back what it took of the part that it was opened on. */
  close(): Promise<void>
}

/** Where tokens and queue are kept: in Redis where there is one, and then in no database. */
export interface StoreParts {
  database?: Database | undefined
  /** Opens a connection to Redis. */
  connect?: ((purpose: 'commands') => RedisClient) | undefined
}

const MIGRATIONS = { schema: 'relay', folder: new URL('../../prisma/migrations/', import.meta.url) }

export async function openStore({ database, connect }: StoreParts, options: QueueOptions): Promise<Store> {
  if (connect) return openRedis(withScripts(connect('commands')), options)
  if (!database) throw new Error('relay needs Redis or a database')
  await migrate(database, MIGRATIONS)
  return openPostgres(database, options)
}

/** Resolves when the connection is there, or turned out not to be: a start does not wait for a Redis that is away. */
async function connected(redis: RedisClient): Promise<void> {
  if (redis.status === 'ready') return
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const event of ['ready', 'close']) redis.once(event, resolve)
  await promise
  for (const event of ['ready', 'close']) redis.off(event, resolve)
}

async function openRedis(redis: Runner, options: QueueOptions): Promise<Store> {
  await connected(redis)
  return {
    place: 'redis',
    tokens: createRedisTokens(redis),
    queue: createRedisQueue(redis, options),
    ping: () => ask(redis.ping()),
    close: async () => redis.disconnect(),
  }
}

function openPostgres(database: Database, options: QueueOptions): Store {
  const client = createClient(database.adapter('relay'))
  return {
    place: 'database',
    tokens: createPostgresTokens(client),
    queue: createPostgresQueue(client, options),
    ping: () => database.ping(),
    close: () => client.$disconnect(),
  }
}
