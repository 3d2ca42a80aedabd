import { join } from 'node:path'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { lockDataDir } from '@switchboard/kit/data-dir'
import { openDatabase } from '@switchboard/kit/database'
import { jwtSecrets } from '@switchboard/kit/jwt-secret'
import type { NemesisConfig } from '../config.ts'
import { openStorage, type Storage } from '../storage.ts'

/** Runs `work` on the directory and the database that a service with this configuration has. */
export async function withStorage(
  config: NemesisConfig,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  if (config.databaseUrl === undefined) stack.use(await lockDataDir(config.dataDir))
  config.jwtSecrets = await jwtSecrets(config)
  const directory = join(config.dataDir, 'postgres')
  const database = stack.use(await openDatabase({ url: config.databaseUrl, directory }))
  // Running processes ask the database at every request, so nobody needs to be told.
  const broker = stack.adopt(new MemoryBroker(new MemoryBus()), (it) => it.close())
  await work(stack.use(await openStorage({ database, broker, config })))
}
