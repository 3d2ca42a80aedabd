import { access } from '@switchboard/auth/access'
import { ACCOUNTS_MIGRATIONS, createAccounts } from '@switchboard/auth/accounts'
import { createLoginGuard } from '@switchboard/auth/login-guard'
import { watchRevocations } from '@switchboard/auth/revocation-watch'
import type { Broker } from '@switchboard/hub/broker'
import { keepSubscribed } from '@switchboard/hub/keep-subscribed'
import type { Presence } from '@switchboard/hub/presence'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import { countConnections } from '@switchboard/kit/metrics'
import { migrate } from '@switchboard/kit/migrate'
import { announceProcess } from '@switchboard/kit/process-entry'
import { createServer, type Server } from '@switchboard/kit/server'
import { acceptWebSockets } from '@switchboard/kit/websocket'
import { FRAME_MAX_BYTES, TYPES } from '@switchboard/protocol/channels'
import { LIMITS } from '@switchboard/protocol/limits'
import type { ChannelsConfig } from './config.ts'
import { createArrivals } from './routes/arrivals.ts'
import { createFloor } from './routes/floor.ts'
import { serveLogin } from './routes/login.ts'
import { watchLostNicks } from './routes/lost-nicks.ts'
import { DISPLACED } from './routes/topics.ts'
import { CHANNELS_MIGRATIONS, createReservationStore } from './store/reservations.ts'

/** What the processes of an installation share. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
}

/** The service, not listening. Its `close` releases what it made, and leaves the parts to their owner. */
export async function createApp(config: ChannelsConfig, parts: Parts): Promise<Server> {
  const { database, broker, presence, limits } = parts
  await migrate(database, ACCOUNTS_MIGRATIONS)
  await migrate(database, CHANNELS_MIGRATIONS)

  const accounts = createAccounts({ database, broker })
  const reservations = createReservationStore(database.adapter('channels'))
  const guard = createLoginGuard({ limits })
  const watch = await watchRevocations({ broker, revocations: accounts.revocations })

  const app = await createServer({
    name: 'channels',
    config,
    errorBody: ({ code, message }) => ({ type: TYPES.error, code, message }),
    needs: { database: () => database.ping(), bus: () => broker.ping(), presence: () => presence.ping() },
  })
  const signUps = limits.counter('sign-ups', LIMITS.signUps)
  const { log } = app
  const { hub, roster, failed } = createFloor({
    broker,
    presence,
    limits: limits.on,
    log,
    accounts,
    guard,
    signUps,
    reservations,
  })
  countConnections(app.metrics, 'channels', () => hub.stats)
  announceProcess(app, { service: 'channels', broker, presence, connections: () => hub.size })
  const unsubscribe = await keepSubscribed(broker, DISPLACED, ({ payload }) =>
    roster.displaced(payload.toString()),
  )
  const unwatch = watchLostNicks({ broker, presence, hub, lost: (id) => roster.displaced(id) })
  const unexpire = presence.onExpired('channels:', (gone) => roster.expired(gone))

  app.addHook('preClose', async () => guard.close())
  app.addHook('onClose', async () => {
    unsubscribe()
    unwatch()
    unexpire()
    await Promise.all([watch.close(), accounts.close(), reservations.close()])
  })
  await app.register(access, {
    secrets: config.jwtSecrets,
    audience: 'switchboard',
    revocations: accounts.revocations,
    allowedOrigins: config.allowedOrigins,
  })
  await acceptWebSockets(app, { maxPayload: FRAME_MAX_BYTES, close: () => hub.close() })
  const onError = (error: unknown) => log.warn({ err: error }, 'an arrival could not be undone')
  const arrive = createArrivals({ hub, roster, reservations, clock: Date.now, onError })
  serveLogin(app, { hub, roster, arrive, watch, failed })
  return app
}
