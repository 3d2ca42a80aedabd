import { join } from 'node:path'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { lockDataDir } from '@switchboard/kit/data-dir'
import { openDatabase } from '@switchboard/kit/database'
import { jwtSecrets } from '@switchboard/kit/jwt-secret'
import { memoryLimits } from '@switchboard/kit/limits'
import { run } from '@switchboard/kit/run'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await run('chat', async () => {
  const config = readConfig(process.env)
  await using parts = new AsyncDisposableStack()
  if (config.databaseUrl === undefined) parts.use(await lockDataDir(config.dataDir))
  config.jwtSecrets = await jwtSecrets(config)
  const directory = join(config.dataDir, 'postgres')
  const database = parts.use(await openDatabase({ url: config.databaseUrl, directory }))
  const broker = parts.adopt(new MemoryBroker(new MemoryBus()), (it) => it.close())
  const presence = parts.adopt(new MemoryPresence(new MemoryPresenceStore(), broker.process), (it) =>
    it.close(),
  )
  const limits = memoryLimits({ on: config.limits })
  const app = parts.adopt(await createApp(config, { database, broker, presence, limits }), (it) => it.close())
  const url = await app.listen({ host: config.host, port: config.port })
  console.log(`chat: ${url}/api/v1, data in ${config.databaseUrl === undefined ? directory : 'PostgreSQL'}`)
  if (!config.limits) console.warn('chat: LIMITS=off, nothing is limited')
  return parts.move()
})
