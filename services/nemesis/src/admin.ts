import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { ConfigError } from '@switchboard/kit/config'
import { lockDataDir } from '@switchboard/kit/data-dir'
import { isUnavailable, openDatabase } from '@switchboard/kit/database'
import { ALL_OPTIONS, CommandError, commands, HELP } from './admin-commands.ts'
import { type NemesisConfig, readConfig } from './config.ts'
import { readPassword } from './read-password.ts'
import { openStorage, type Storage } from './storage.ts'

/** Runs `work` on the database that a service with this environment has. */
async function withStorage(config: NemesisConfig, work: (storage: Storage) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack()
  if (config.databaseUrl === undefined) stack.use(await lockDataDir(config.dataDir))
  const directory = join(config.dataDir, 'postgres')
  const database = stack.use(await openDatabase({ url: config.databaseUrl, directory }))
  // Running processes ask the database at every request, so nobody needs to be told.
  const broker = stack.adopt(new MemoryBroker(new MemoryBus()), (it) => it.close())
  await work(stack.use(await openStorage({ database, broker, config })))
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: ALL_OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args)
  const [name, ...more] = positionals
  if (values.help || name === undefined) {
    console.log(HELP)
    return
  }
  const command = commands.get(name)
  if (!command || more.length > 0)
    throw new CommandError(`there is no command "${positionals.join(' ')}"; see --help`)
  const run = command(values)
  await withStorage(readConfig(process.env), (storage) =>
    run(storage, { say: (line) => console.log(line), password: () => readPassword(process.env) }),
  )
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const expected = error instanceof CommandError || error instanceof ConfigError || isUnavailable(error)
  console.error(`nemesis admin: ${expected ? (error as Error).message : (error as Error).stack}`)
  process.exitCode = 1
}
