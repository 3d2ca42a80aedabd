import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Limits } from '@switchboard/kit/limits'
import { announceProcess } from '@switchboard/kit/process-entry'
import { createServer, type Server } from '@switchboard/kit/server'
import { LIMITS } from '@switchboard/protocol/limits'
import { QUEUE_MAX } from '@switchboard/protocol/relay'
import type { RelayConfig } from './config.ts'
import { Deadlines } from './domain/deadlines.ts'
import type { Tokens } from './domain/ports.ts'
import { createQueue } from './domain/queue.ts'
import { Relay } from './domain/relay.ts'
import { newToken } from './domain/token.ts'
import { reachableUrl } from './routes/address.ts'
import { CLOCK } from './routes/clock.ts'
import { every } from './routes/every.ts'
import { goRoutes } from './routes/go.ts'
import { answerLiving } from './routes/living.ts'
import { createPeers } from './routes/peers.ts'
import { createTeller } from './routes/relayed.ts'
import { createSessions } from './routes/sessions.ts'
import { onLostSlot, slotsIn } from './routes/slots.ts'
import { serveSockets } from './routes/sockets.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { openStore, type Store, type StoreParts } from './store/open.ts'

/** What the processes of an installation share. */
export interface Parts extends StoreParts {
  broker: Broker
  presence: Presence
  limits: Limits
}

const TICK_MS = 1_000
/** Tokens that have ended are refused at once; their rows may stay a while. */
const SWEEP_MS = 60_000

const { now } = CLOCK

/** The relay among the others of its installation. `leave` lets go of its clients and of the bus. */
async function joinRelays(
  config: RelayConfig,
  { broker, presence }: Parts,
  store: Store,
  onError: (error: unknown) => void,
) {
  const deadlines = new Deadlines(CLOCK, config.ackPatienceMs)
  const peers = createPeers(broker, CLOCK)
  const tokens: Tokens = { find: (token) => store.tokens.find(token, now()) }
  const relay = new Relay({
    process: broker.process,
    tokens,
    queue: createQueue(store.queue),
    slots: slotsIn(presence),
    peers,
    clock: CLOCK,
    deadlines,
    onError,
  })
  const stops = [
    await peers.listen(relay, onError),
    await answerLiving(broker, tokens),
    onLostSlot(presence, (connection) => void relay.displace(connection).catch(onError)),
    broker.onChange((up) => up && void relay.recheck().catch(onError)),
  ]
  const leave = async () => {
    await relay.close()
    for (const stop of stops) stop()
    deadlines.close()
  }
  return { relay, leave }
}

/** The service, not listening. Its `close` releases what it made, and leaves the parts to their owner. */
export async function createApp(config: RelayConfig, parts: Parts): Promise<Server> {
  const { broker, presence, limits } = parts
  let dropped = 0
  const store = await openStore(parts, {
    limits: { ...QUEUE_MAX, totalBytes: config.queueBytes },
    now,
    dropped: (requests) => {
      dropped += requests
    },
  })
  const app = await createServer({
    name: 'relay',
    config,
    errorBody: ({ message }) => message,
    needs: { [store.place]: () => store.ping(), bus: () => broker.ping(), presence: () => presence.ping() },
  })
  const onError = (error: unknown) => app.log.error({ err: error }, 'the relay could not do something')
  const { relay, leave } = await joinRelays(config, parts, store, onError)

  tokenRoutes(app, {
    store: store.tokens,
    newToken: () => newToken(randomBytes),
    refreshed: (token, expiresAt) => relay.refreshed(token, expiresAt),
    made: limits.counter('relay-tokens', LIMITS.relayTokens),
    most: limits.on ? LIMITS.relayTokens.living : Number.POSITIVE_INFINITY,
    ttlSeconds: config.tokenTtlSeconds,
    now,
  })
  const teller = await createTeller(broker)
  goRoutes(app, { relay, told: teller.tell, now })
  const { allowedOrigins } = config
  const sessions = createSessions({ process: broker.process, presence, now, onError })
  app.server.once('listening', () => sessions.announce(reachableUrl(app.server.address() as AddressInfo)))
  const sockets = serveSockets(app.server, {
    relay,
    sessions,
    allowedOrigins,
    limits: limits.on,
    now,
    onError,
  })
  app.metrics.gauge('relay_clients', 'Clients that are connected here', () => relay.size)
  app.metrics.total('relay_dropped_total', 'Requests that a full queue lost', () => dropped)
  announceProcess(app, { service: 'relay', broker, presence, connections: () => relay.size })

  const tick = () => {
    sockets.tick()
    return relay.tick()
  }
  const stops = [every(TICK_MS, tick, onError), every(SWEEP_MS, store.queue.sweep, onError)]
  app.addHook('preClose', async () => {
    await Promise.all(stops.map((stop) => stop()))
    await leave()
    teller.close()
    await sockets.close()
    await sessions.leave()
  })
  app.addHook('onClose', async () => {
    await store.queue.settled()
    await store.close()
  })
  return app
}
