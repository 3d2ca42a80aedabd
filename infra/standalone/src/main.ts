import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openBus } from '@switchboard/hub/bus'
import { announceBus } from '@switchboard/kit/bus'
import { readCommonConfig } from '@switchboard/kit/config'
import { lockDataDir } from '@switchboard/kit/data-dir'
import { openDatabase } from '@switchboard/kit/database'
import { jwtSecrets } from '@switchboard/kit/jwt-secret'
import { openLimits } from '@switchboard/kit/open-limits'
import { redisConnector } from '@switchboard/kit/redis'
import { run } from '@switchboard/kit/run'
import { demoPeople } from '@switchboard/nemesis/demo'
import { whereMailsGo } from '@switchboard/nemesis/mail'
import type { Service } from '@switchboard/protocol/gateway'
import { banner } from './banner.ts'
import { createConsole } from './console.ts'
import { createGateway, NOT_FOUND } from './gateway.ts'
import { listenOn, tryListening } from './listen.ts'
import { createServices, readConfigs } from './services.ts'

const PORT = 8080

await run('switchboard', async () => {
  const config = readCommonConfig(process.env, { port: PORT })
  const configs = readConfigs(process.env)
  await using stack = new AsyncDisposableStack()
  stack.use(await lockDataDir(config.dataDir))
  await tryListening(config)

  const directory = join(config.dataDir, 'postgres')
  const isFirst = config.databaseUrl === undefined && !existsSync(directory)
  console.log(isFirst ? `Making a database in ${directory}, once; this takes some seconds` : 'Starting')
  const database = stack.use(await openDatabase({ url: config.databaseUrl, directory }))
  const connect = config.redisUrl === undefined ? undefined : redisConnector(config.redisUrl)
  const limits = stack.use(openLimits({ on: config.limits, connect }))
  const bus = stack.use(await openBus(connect))
  const { broker, presence } = bus
  const parts = { database, broker, presence, limits, connect }
  if (!config.limits) console.warn('LIMITS=off: nobody is limited in anything')

  const secrets = await jwtSecrets(config)
  for (const one of Object.values(configs)) one.jwtSecrets = secrets
  const { apps } = stack.use(await createServices(configs, parts))
  const page = stack.adopt(await createConsole(NOT_FOUND), (app) => app.close())
  const gateway = createGateway(apps, page)
  for (const service of Object.keys(apps) as Service[]) {
    // A service's stores close behind its last answer, as they would if it listened itself.
    apps[service].addHook('preClose', () => gateway.drained(service))
    announceBus(apps[service], bus)
  }
  await Promise.all([page, ...Object.values(apps)].map((app) => app.ready()))
  const { url } = stack.use(await listenOn(gateway.server, config))
  const { demo, mail } = configs.nemesis
  mail.publicUrl ??= url
  console.log(banner({ url, config, mails: whereMailsGo(mail), demoPeople: demo ? demoPeople() : [] }))
  return stack.move()
})
