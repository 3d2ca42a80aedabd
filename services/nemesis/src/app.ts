import { access } from '@switchboard/auth/access'
import { createLoginGuard, type LoginGuard } from '@switchboard/auth/login-guard'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import { announceProcess } from '@switchboard/kit/process-entry'
import { createServer, type Server } from '@switchboard/kit/server'
import type { NemesisConfig } from './config.ts'
import { demoRoster } from './demo.ts'
import { refuseDemoPeople, seedDemo } from './demo-seed.ts'
import { sendMails } from './mail/run.ts'
import { auditRoutes } from './routes/audit.ts'
import { readEveryBody } from './routes/body.ts'
import { answerLeadsCollege, tellRegistered } from './routes/bus.ts'
import { linkRoutes } from './routes/links.ts'
import { createMailLimits } from './routes/mail-limits.ts'
import { peopleRoutes } from './routes/people.ts'
import { queueRoutes } from './routes/queue.ts'
import { queueImportRoutes } from './routes/queue-import.ts'
import { queueListRoutes } from './routes/queue-list.ts'
import { registrationRoutes } from './routes/registrations.ts'
import { resetRoutes } from './routes/reset.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { siteRoutes } from './routes/site.ts'
import { openStorage, type Storage } from './storage.ts'

/** What the processes of an installation share. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
}

/** Older clients know the service below the path that it had at Student Robotics. */
const PREFIXES = ['', '/userman']

/** Everything that is asked for below one of the prefixes. */
function routesOf(
  own: Storage,
  {
    config,
    broker,
    limits,
    guard,
  }: Pick<Parts, 'broker' | 'limits'> & { config: NemesisConfig; guard: LoginGuard },
) {
  const mailLimits = createMailLimits(limits)
  return (scope: Server, _options: unknown, done: () => void): void => {
    readEveryBody(scope)
    sessionRoutes(scope, { ...own, guard, limits, debug: config.debug })
    peopleRoutes(scope, { ...own, mailLimits })
    linkRoutes(scope, own)
    resetRoutes(scope, { ...own, mailLimits })
    registrationRoutes(scope, { ...own, tell: tellRegistered(broker) })
    queueListRoutes(scope, own)
    queueRoutes(scope, own)
    queueImportRoutes(scope, own)
    auditRoutes(scope, own)
    siteRoutes(scope, config)
    done()
  }
}

/**
 * The service, not listening. Its `close` releases what it made, and leaves the parts to their owner.
 * @throws ConfigError where demo people are in a directory that should hold none
 */
export async function createApp(config: NemesisConfig, parts: Parts): Promise<Server> {
  const { database, broker, presence, limits } = parts
  await using stack = new AsyncDisposableStack()
  const own = stack.use(await openStorage({ database, broker, config }))
  const taken = config.demo ? await seedDemo(own, demoRoster()) : []
  if (config.refuseDemo) await refuseDemoPeople(own.directory, demoRoster())

  const guard = createLoginGuard({ limits })
  const app = await createServer({
    name: 'nemesis',
    config,
    // A refusal says nothing, not even why.
    errorBody: ({ code, message }) => (code === 'FORBIDDEN' ? {} : { error: message }),
    needs: {
      database: () => database.ping(),
      directory: () => own.directory.ping(),
      bus: () => broker.ping(),
    },
  })
  await app.register(access, {
    secrets: config.jwtSecrets,
    audience: own.audience,
    revocations: own.revocations,
    allowedOrigins: config.allowedOrigins,
  })
  announceProcess(app, { service: 'nemesis', broker, presence })
  const opened = stack.move()
  app.addHook('preClose', async () => guard.close())
  const unanswer = await answerLeadsCollege(broker, { tokens: app.tokens, directory: own.directory })
  const endMails = sendMails(app, { outbox: own.outbox, config })
  app.addHook('onClose', async () => {
    unanswer()
    await endMails()
    await opened.disposeAsync()
  })

  const routes = routesOf(own, { config, broker, limits, guard })
  for (const prefix of PREFIXES) await app.register(routes, { prefix })
  if (taken.length > 0) app.log.warn({ taken }, 'demo people whose names somebody else has are left out')
  return app
}
