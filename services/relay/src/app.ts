import { randomBytes } from 'node:crypto'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import { migrate } from '@switchboard/kit/migrate'
import { createServer, type Server } from '@switchboard/kit/server'
import { LIMITS } from '@switchboard/protocol/limits'
import { QUEUE_MAX } from '@switchboard/protocol/relay'
import type { RelayConfig } from './config.ts'
import { Deadlines } from './domain/deadlines.ts'
import type { Clock, Slots } from './domain/ports.ts'
import { createQueue } from './domain/queue.ts'
import { Relay } from './domain/relay.ts'
import { newToken } from './domain/token.ts'
import { every } from './routes/every.ts'
import { goRoutes } from './routes/go.ts'
import { createPeers } from './routes/peers.ts'
import { serveSockets } from './routes/sockets.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { createClient } from './store/client.ts'
import { createQueueStore } from './store/queue.ts'
import { createTokenStore } from './store/tokens.ts'

/** What the processes of an installation share. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
}

const MIGRATIONS = { schema: 'relay', folder: new URL('../prisma/migrations/', import.meta.url) }
const TICK_MS = 1_000
/** Tokens that have ended are refused at once; their rows may stay a while. */
const SWEEP_MS = 60_000

const CLOCK: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}

function slotsIn(presence: Presence): Slots {
  const keyOf = (token: string) => `relay:token:${token}`
  return {
    take: (token, connection) => presence.take(keyOf(token), connection),
    keep: async (token, connection) => (await presence.claim(keyOf(token), connection)).ok,
    holder: (token) => presence.holder(keyOf(token)),
    release: (token, connection) => presence.release(keyOf(token), connection),
  }
}

/** The service, not listening. Its `close` releases what it made, and leaves the parts to their owner. */
export async function createApp(config: RelayConfig, parts: Parts): Promise<Server> {
  const { database, broker, presence, limits } = parts
  const { now } = CLOCK
  await migrate(database, MIGRATIONS)
  const app = await createServer({
    name: 'relay',
    config,
    errorBody: ({ message }) => message,
    needs: { database: () => database.ping(), bus: () => broker.ping(), presence: () => presence.ping() },
  })
  const onError = (error: unknown) => app.log.error({ err: error }, 'the relay could not do something')

  const client = createClient(database.adapter('relay'))
  let dropped = 0
  const store = createQueueStore(client, {
    limits: { ...QUEUE_MAX, totalBytes: config.queueBytes },
    now,
    dropped: (requests) => {
      dropped += requests
    },
  })
  const tokens = createTokenStore(client)
  const deadlines = new Deadlines(CLOCK, config.ackPatienceMs)
  const peers = createPeers(broker, CLOCK)
  const relay = new Relay({
    process: broker.process,
    tokens: { find: (token) => tokens.find(token, now()) },
    queue: createQueue(store),
    slots: slotsIn(presence),
    peers,
    clock: CLOCK,
    deadlines,
    onError,
  })
  const stopListening = await peers.listen(relay, onError)
  const stopWatching = broker.onChange((up) => up && void relay.recheck().catch(onError))

  tokenRoutes(app, {
    store: tokens,
    newToken: () => newToken(randomBytes),
    refreshed: (token, expiresAt) => relay.refreshed(token, expiresAt),
    made: limits.counter('relay-tokens', LIMITS.relayTokens),
    most: limits.on ? LIMITS.relayTokens.living : Number.POSITIVE_INFINITY,
    ttlSeconds: config.tokenTtlSeconds,
    now,
  })
  goRoutes(app, { relay, now })
  const sockets = serveSockets(app.server, {
    relay,
    allowedOrigins: config.allowedOrigins,
    limits: limits.on,
    now,
    onError,
  })
  app.metrics.gauge('relay_clients', 'Clients that are connected here', () => relay.size)
  app.metrics.total('relay_dropped_total', 'Requests that a full queue lost', () => dropped)

  const tick = () => {
    sockets.tick()
    return relay.tick()
  }
  const stopTicking = every(TICK_MS, tick, onError)
  const stopSweeping = every(SWEEP_MS, () => store.sweep(), onError)
  app.addHook('preClose', async () => {
    await Promise.all([stopTicking(), stopSweeping()])
    await relay.close()
    await sockets.close()
    stopWatching()
    stopListening()
  })
  app.addHook('onClose', async () => {
    await store.settled()
    deadlines.close()
    await client.$disconnect()
  })
  return app
}
