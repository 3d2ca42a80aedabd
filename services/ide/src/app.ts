import { randomUUID } from 'node:crypto'
import { access } from '@switchboard/auth/access'
import { ACCOUNTS_MIGRATIONS, createAccounts } from '@switchboard/auth/accounts'
import { createLoginGuard } from '@switchboard/auth/login-guard'
import { watchRevocations } from '@switchboard/auth/revocation-watch'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import { migrate } from '@switchboard/kit/migrate'
import { createServer, type Server } from '@switchboard/kit/server'
import { LIMITS } from '@switchboard/protocol/limits'
import type { IdeConfig } from './config.ts'
import { publishClosed } from './routes/control.ts'
import { answerOpenSpaces } from './routes/open-spaces.ts'
import { repoRoutes } from './routes/repos.ts'
import { socketRoutes } from './routes/socket.ts'
import { userRoutes } from './routes/user.ts'
import { createRepoStore } from './store/repos.ts'

/** What the processes of an installation share. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
}

const MIGRATIONS = { schema: 'ide', folder: new URL('../prisma/migrations/', import.meta.url) }

/** The service, not listening. Its `close` releases what it made, and leaves the parts to their owner. */
export async function createApp(config: IdeConfig, parts: Parts): Promise<Server> {
  const { database, broker, presence, limits } = parts
  await migrate(database, ACCOUNTS_MIGRATIONS)
  await migrate(database, MIGRATIONS)

  const accounts = createAccounts({ database, broker })
  const repos = createRepoStore(database.adapter('ide'))
  const guard = createLoginGuard({ limits })
  const revocations = await watchRevocations({ broker, revocations: accounts.revocations })

  const app = await createServer({
    name: 'ide',
    config,
    errorBody: ({ message }) => ({ error: message }),
    needs: { database: () => database.ping(), bus: () => broker.ping(), presence: () => presence.ping() },
  })
  await app.register(access, {
    secrets: config.jwtSecrets,
    audience: 'switchboard',
    revocations: accounts.revocations,
    allowedOrigins: config.allowedOrigins,
  })
  app.addHook('preClose', async () => guard.close())
  app.addHook('onClose', async () => {
    await Promise.all([revocations.close(), accounts.close(), repos.close()])
  })

  userRoutes(app, { accounts, guard, signUps: limits.counter('sign-ups', LIMITS.signUps) })
  repoRoutes(app, {
    repos,
    people: accounts,
    closeSpace: (space, people) => publishClosed(broker, space, people),
    newId: randomUUID,
    now: () => new Date(),
  })
  const { standing, standings } = repos
  const unanswer = await answerOpenSpaces({ broker, standings })
  app.addHook('onClose', async () => unanswer())
  // After the others: @fastify/websocket makes a WebSocket of every route that comes after it.
  await socketRoutes(app, { broker, presence, revocations, standing, limits: limits.on })
  return app
}
