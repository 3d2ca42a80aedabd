import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { readCommonConfig } from '@switchboard/kit/config'
import { lockDataDir } from '@switchboard/kit/data-dir'
import { openDatabase } from '@switchboard/kit/database'
import { jwtSecrets } from '@switchboard/kit/jwt-secret'
import { memoryLimits } from '@switchboard/kit/limits'
import { run } from '@switchboard/kit/run'
import { banner } from './banner.ts'
import { createGateway } from './gateway.ts'
import { listenOn } from './listen.ts'
import { createServices } from './services.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PORT = 8080

await run('switchboard', async () => {
  const config = readCommonConfig(process.env, { port: PORT, root: ROOT })
  await using stack = new AsyncDisposableStack()
  stack.use(await lockDataDir(config.dataDir))

  const directory = join(config.dataDir, 'postgres')
  const isFirst = config.databaseUrl === undefined && !existsSync(directory)
  console.log(isFirst ? `Making a database in ${directory}, once; this takes some seconds` : 'Starting')
  const database = stack.use(await openDatabase({ url: config.databaseUrl, directory }))
  const broker = stack.adopt(new MemoryBroker(new MemoryBus()), (one) => one.close())
  const presence = stack.adopt(new MemoryPresence(new MemoryPresenceStore(), broker.process), (one) =>
    one.close(),
  )
  const parts = { database, broker, presence, limits: memoryLimits({ on: config.limits }) }
  if (!config.limits) console.warn('LIMITS=off: nobody is limited in anything')

  // The services read this process' environment, with the one thing that was not there put in.
  const env = { ...process.env, JWT_SECRET: (await jwtSecrets(config)).join(',') }
  const services = stack.use(await createServices(env, parts))
  const gateway = createGateway(services.apps)
  services.drainThrough(gateway)
  const address = stack.use(await listenOn(gateway.server, config))
  console.log(banner({ url: address.url, config, demoPeople: services.demoPeople }))
  return stack.move()
})
