import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { ConfigError } from './config.ts'
import { parseRedisUrl, REDIS_URL_FORMS, type RedisPlace } from './redis-url.ts'

export type RedisClient = Redis | Cluster

/**
 * What a connection is for: `commands` that somebody waits for (each rejects after 2 s without an answer), a
 * `publisher`'s messages, or a `subscriber`'s topics.
 */
export type Purpose = 'commands' | 'publisher' | 'subscriber'

/**
 * Opens one more connection. It reconnects for ever, rejects at once what it is told while it is not connected, renews
 * no subscription by itself, and never throws for want of an `error` listener.
 */
export type Connect = (purpose: Purpose) => RedisClient

/** Milliseconds until a connection is given up, and until a command that somebody waits for is. */
const CONNECT_TIMEOUT_MS = 2_000
const COMMAND_TIMEOUT_MS = 2_000

const RETRY_FIRST_MS = 50
const RETRY_MOST_MS = 1_000

/** Doubles up to a second, half of it by chance, so that processes do not all come back in one moment. */
function retryDelay(times: number): number {
  const most = Math.min(RETRY_FIRST_MS * 2 ** Math.min(times - 1, 10), RETRY_MOST_MS)
  return most / 2 + (Math.random() * most) / 2
}

/** What the connections of either kind have in common. */
function commonOptions(place: RedisPlace, purpose: Purpose) {
  const { username, password } = place
  return {
    connectionName: `switchboard-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(purpose === 'commands' && { commandTimeout: COMMAND_TIMEOUT_MS }),
    // What was sent and not answered when the connection broke is rejected, not sent once more.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  } satisfies RedisOptions
}

function openCluster(place: RedisPlace & { kind: 'cluster' }, purpose: Purpose): Cluster {
  return new Cluster(place.nodes, {
    redisOptions: commonOptions(place, purpose),
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    clusterNodeRetryStrategy: retryDelay,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    shardedSubscribers: purpose === 'subscriber',
    // What one turn publishes is one write to each server; only this client knows which has what.
    enableAutoPipelining: purpose === 'publisher',
  })
}

function openRedis(place: RedisPlace & { kind: 'single' | 'sentinel' }, purpose: Purpose): Redis {
  const options = {
    ...commonOptions(place, purpose),
    enableOfflineQueue: false,
    retryStrategy: retryDelay,
    db: place.db,
  } satisfies RedisOptions
  if (place.kind === 'sentinel')
    return new Redis({
      ...options,
      sentinels: place.nodes,
      name: place.name,
      sentinelRetryStrategy: retryDelay,
    })
  const { host, port, tls } = place
  return new Redis({ ...options, host, port, ...(tls && { tls: { servername: host } }) })
}

/** @throws ConfigError where it is no URL of Redis */
export function redisConnector(url: string): Connect {
  const place = parseRedisUrl(url)
  if (!place) throw new ConfigError(`REDIS_URL takes ${REDIS_URL_FORMS}`)
  return (purpose) => {
    const client = place.kind === 'cluster' ? openCluster(place, purpose) : openRedis(place, purpose)
    // Whoever uses it sees that it is away, and readiness says so.
    client.on('error', () => {})
    return client
  }
}
