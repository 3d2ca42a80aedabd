import { fileURLToPath } from 'node:url'
import { openDatabase } from '@switchboard/kit/database'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { type Running, start } from '@switchboard/testing/process'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { SECRET } from './installation.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Whether the servers that a cluster needs are installed. */
export const canCluster = findServer('postgres') !== undefined && findServer('redis-server') !== undefined

/** Real processes of the service on a real Redis and a real PostgreSQL. */
export interface Cluster extends AsyncDisposable {
  redis: LiveRedis
  postgres: LivePostgres
  /** Those that it began with. */
  processes: Running[]
  /** One more. */
  start(): Promise<Running>
  /** What is stored of the room, in its order. */
  storedTexts(room: string): Promise<string[]>
}

const TEXTS = `
  SELECT text_json AS text FROM chat.message
  WHERE room_id = (SELECT id FROM chat.room WHERE name = $1) ORDER BY number`

export async function startCluster(count: number): Promise<Cluster> {
  const stack = new AsyncDisposableStack()
  const [redis, postgres] = await Promise.all([liveRedis(), livePostgres()])
  stack.use(redis)
  stack.use(postgres)
  const databaseUrl = await postgres.createDatabase()
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    JWT_SECRET: SECRET,
    LOG_LEVEL: 'warn',
    LIMITS: 'off',
  }
  const startOne = async () => stack.use(await start(MAIN, env))
  const processes = await Promise.all(Array.from({ length: count }, startOne))
  return {
    redis,
    postgres,
    processes,
    start: startOne,
    async storedTexts(room) {
      await using database = await openDatabase({ url: databaseUrl, directory: '' })
      const rows = await database.transaction((session) => session.query(TEXTS, [room]))
      return rows.map(({ text }) => JSON.parse(text as string) as string)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
