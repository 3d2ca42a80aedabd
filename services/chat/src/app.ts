import { randomUUID } from 'node:crypto'
import { access } from '@switchboard/auth/access'
import { ACCOUNTS_MIGRATIONS, createAccounts } from '@switchboard/auth/accounts'
import { createLoginGuard } from '@switchboard/auth/login-guard'
import { watchRevocations } from '@switchboard/auth/revocation-watch'
import { createAsk } from '@switchboard/hub/ask'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import { migrate } from '@switchboard/kit/migrate'
import { announceProcess } from '@switchboard/kit/process-entry'
import { createServer, type Server } from '@switchboard/kit/server'
import { acceptWebSockets } from '@switchboard/kit/websocket'
import { CATCH_UP_MAX, FRAME_MAX_BYTES } from '@switchboard/protocol/chat'
import { LIMITS } from '@switchboard/protocol/limits'
import type { ChatConfig } from './config.ts'
import type { Clock } from './domain/clock.ts'
import { measure, measureLinks } from './metrics.ts'
import { failure } from './routes/answers.ts'
import { codeOf, createFloor } from './routes/floor.ts'
import { startLinking } from './routes/links/linking.ts'
import { createLinkQuestions } from './routes/links/questions.ts'
import { linkRoutes } from './routes/links/routes.ts'
import { messageRoutes } from './routes/messages.ts'
import { createLookout } from './routes/presence/lookout.ts'
import { processRoutes } from './routes/presence/processes.ts'
import { presenceRoutes } from './routes/presence/routes.ts'
import { presenceSocketRoute } from './routes/presence/socket.ts'
import { askOpenSpaces } from './routes/presence/spaces.ts'
import { roomRoutes } from './routes/rooms.ts'
import { socketRoutes } from './routes/socket.ts'
import { userRoutes } from './routes/users.ts'
import { createClient } from './store/client.ts'
import { createLinkStore } from './store/links.ts'
import { createMessageStore } from './store/messages.ts'
import { createRoomStore } from './store/rooms.ts'
import { createWrites } from './store/writes.ts'
import { systemClock } from './system-clock.ts'

/** What the processes of an installation share. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
  /** Real time unless told. */
  clock?: Clock
}

const MIGRATIONS = { schema: 'chat', folder: new URL('../prisma/migrations/', import.meta.url) }

/** Longest wait for another service, milliseconds: what is told of presence is right within a second. */
const ASK_MS = 700

/** The service, not listening. Its `close` releases what it made, and leaves the parts to their owner. */
export async function createApp(config: ChatConfig, parts: Parts): Promise<Server> {
  const { database, broker, presence, limits, clock = systemClock } = parts
  await migrate(database, ACCOUNTS_MIGRATIONS)
  await migrate(database, MIGRATIONS)

  const accounts = createAccounts({ database, broker })
  const guard = createLoginGuard({ limits })
  const revocations = await watchRevocations({ broker, revocations: accounts.revocations })
  const client = createClient(database.adapter('chat'))
  const rooms = createRoomStore(client)
  const messages = createMessageStore(client)
  const writes = await createWrites({ client, database, now: () => clock.now() })

  const app = await createServer({
    name: 'chat',
    config,
    errorBody: failure,
    needs: { database: () => database.ping(), bus: () => broker.ping(), presence: () => presence.ping() },
  })
  await app.register(access, {
    secrets: config.jwtSecrets,
    audience: 'switchboard',
    revocations: accounts.revocations,
    allowedOrigins: config.allowedOrigins,
  })
  app.addHook('preClose', async () => guard.close())
  const ask = createAsk(broker, { timeoutMs: ASK_MS })
  app.addHook('onClose', async () => {
    ask.close()
    await Promise.all([revocations.close(), accounts.close(), client.$disconnect()])
  })

  const floor = createFloor({
    broker,
    writes,
    reads: { lastNumber: rooms.lastNumber, readAfter: messages.readAfter },
    clock,
    limits: limits.on,
    log: app.log,
  })
  const lookout = createLookout({ broker, presence, clock, limits: limits.on, log: app.log })
  const openSpaces = askOpenSpaces(ask.ask)
  measure(app.metrics, floor, lookout)
  const connections = () => floor.hub.size + lookout.hub.size
  announceProcess(app, { service: 'chat', broker, presence, connections })

  const links = createLinkStore(client)
  const questions = createLinkQuestions(ask.ask)
  const linking = await startLinking({
    broker,
    presence,
    floor,
    store: { ...links, appendOnce: writes.appendOnce },
    questions,
    me: lookout.hub.nextId(),
    clock,
    limits: limits.on,
    onError: (error) => app.log.warn(codeOf(error), 'what links bring on waits'),
  })
  // Before the floor: what links post is stored and told like everything else.
  app.addHook('preClose', () => linking.close())
  measureLinks(app.metrics, linking)

  const signUps = limits.counter('sign-ups', LIMITS.signUps)
  userRoutes(app, { accounts, guard, signUps, hideUnknownUsers: config.hideUnknownUsers })
  roomRoutes(app, { rooms, presence })
  linkRoutes(app, { rooms, links, questions, limits: limits.on, changed: linking.changed })
  messageRoutes(app, { rooms, accounts, messages })
  presenceRoutes(app, { presence, openSpaces })
  processRoutes(app, presence)
  // After the others: @fastify/websocket makes a WebSocket of every route that comes after it.
  await acceptWebSockets(app, {
    maxPayload: FRAME_MAX_BYTES,
    close: async () => void (await Promise.all([floor.close(), lookout.close()])),
  })
  presenceSocketRoute(app, { lookout, revocations, openSpaces })
  socketRoutes(app, {
    floor,
    nextId: () => lookout.hub.nextId(),
    presence,
    revocations,
    rooms: { findOrCreate: (name, account) => rooms.findOrCreate(name, randomUUID(), account) },
    missed: (roomId, after) => messages.missed(roomId, after, CATCH_UP_MAX),
  })
  return app
}
