import { join } from 'node:path'
import { BACKLOG } from './backlog.ts'
import { announceBus, type BusParts } from './bus.ts'
import type { CommonConfig, Env } from './config.ts'
import { lockDataDir } from './data-dir.ts'
import { type Database, openDatabase } from './database.ts'
import { jwtSecrets } from './jwt-secret.ts'
import type { Limits } from './limits.ts'
import { openLimits } from './open-limits.ts'
import { type Connect, redisConnector } from './redis.ts'
import { run } from './run.ts'
import type { Server } from './server.ts'

/** What every service is handed beside the bus. */
export interface OwnParts<D = Database> {
  database: D
  limits: Limits
  /** To Redis, where there is one. */
  connect: Connect | undefined
}

export interface ServeOptions<
  C extends CommonConfig,
  B extends BusParts & AsyncDisposable,
  D extends Database | undefined = Database,
> {
  readConfig(env: Env): C
  /** `false`: no database is opened. */
  needsDatabase?(config: C): boolean
  openBus(connect: Connect | undefined): Promise<B>
  /** The app, not listening. It leaves the parts to their owner. */
  createApp(config: C, parts: OwnParts<D> & B): Promise<Server>
  /** More lines for whoever starts it, once it listens. */
  hints?(config: C): string[]
}

/** A service as this process: reads the environment, opens the database, listens, says where, and stops on a signal. */
export function serve<
  C extends CommonConfig,
  B extends BusParts & AsyncDisposable,
  D extends Database | undefined = Database,
>(
  name: string,
  { readConfig, needsDatabase = () => true, openBus, createApp, hints = () => [] }: ServeOptions<C, B, D>,
): Promise<void> {
  return run(name, async () => {
    const config = readConfig(process.env)
    await using stack = new AsyncDisposableStack()
    const isEmbedded = config.databaseUrl === undefined && needsDatabase(config)
    if (isEmbedded) stack.use(await lockDataDir(config.dataDir))
    config.jwtSecrets = await jwtSecrets(config)
    const directory = join(config.dataDir, 'postgres')
    const database = needsDatabase(config)
      ? stack.use(await openDatabase({ url: config.databaseUrl, directory }))
      : undefined
    const connect = config.redisUrl === undefined ? undefined : redisConnector(config.redisUrl)
    const limits = stack.use(openLimits({ on: config.limits, connect }))
    const bus = stack.use(await openBus(connect))
    const app = await createApp(config, { database: database as D, limits, connect, ...bus })
    stack.adopt(app, (one) => one.close())
    announceBus(app, bus)
    const url = await app.listen({ host: config.host, port: config.port, backlog: BACKLOG })
    const data = isEmbedded ? directory : database ? 'DATABASE_URL' : 'REDIS_URL'
    for (const line of [`${url}, data in ${data}`, ...hints(config)]) console.log(`${name}: ${line}`)
    if (!config.limits) console.warn(`${name}: LIMITS=off, nobody is limited in anything`)
    return stack.move()
  })
}
