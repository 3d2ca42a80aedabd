import type { Cluster, Redis } from 'ioredis'

export type RedisClient = Redis | Cluster

/**
 * What a connection is for: `commands` that somebody waits for (each rejects after some seconds without an answer),
 * a `publisher`'s messages, or a `subscriber`'s topics.
 */
export type Purpose = 'commands' | 'publisher' | 'subscriber'

/**
 * Opens one more connection. It reconnects for ever, rejects at once what it is told while it is not connected, renews
 * no subscription by itself, and never throws for want of an `error` listener.
 */
export type Connect = (purpose: Purpose) => RedisClient
