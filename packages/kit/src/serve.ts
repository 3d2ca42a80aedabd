import { join } from 'node:path'
import type { CommonConfig, Env } from './config.ts'
import { lockDataDir } from './data-dir.ts'
import { type Database, openDatabase } from './database.ts'
import { jwtSecrets } from './jwt-secret.ts'
import { type Limits, memoryLimits } from './limits.ts'
import { run } from './run.ts'
import type { Server } from './server.ts'

export interface ServeOptions<C extends CommonConfig> {
  readConfig(env: Env): C
  /** The app, not listening. What else it opens goes onto `stack`, and is closed after it. */
  createApp(
    config: C,
    own: { database: Database; limits: Limits },
    stack: AsyncDisposableStack,
  ): Promise<Server>
  /** More lines for whoever starts it, once it listens. */
  hints?(config: C): string[]
}

/** A service as this process: reads the environment, opens the database, listens, says where, and stops on a signal. */
export function serve<C extends CommonConfig>(
  name: string,
  { readConfig, createApp, hints = () => [] }: ServeOptions<C>,
): Promise<void> {
  return run(name, async () => {
    const config = readConfig(process.env)
    await using stack = new AsyncDisposableStack()
    if (config.databaseUrl === undefined) stack.use(await lockDataDir(config.dataDir))
    config.jwtSecrets = await jwtSecrets(config)
    const directory = join(config.dataDir, 'postgres')
    const database = stack.use(await openDatabase({ url: config.databaseUrl, directory }))
    const limits = memoryLimits({ on: config.limits })
    const app = stack.adopt(await createApp(config, { database, limits }, stack), (one) => one.close())
    const url = await app.listen({ host: config.host, port: config.port })
    const data = database.embedded ? directory : 'DATABASE_URL'
    for (const line of [`${url}, data in ${data}`, ...hints(config)]) console.log(`${name}: ${line}`)
    if (!config.limits) console.warn(`${name}: LIMITS=off, nobody is limited in anything`)
    return stack.move()
  })
}
