import { parseArgs } from 'node:util'
import type { Storage } from '../storage.ts'
import { type Command, CommandError, FLAG, type Terminal, type Typed } from './command.ts'
import { commands } from './commands.ts'
import { help, helpOf } from './help.ts'

function parse(args: string[], { options }: Command): Typed {
  try {
    const all = { ...options, help: { ...FLAG, short: 'h' } }
    const { values, positionals } = parseArgs({ args, options: all, allowPositionals: true })
    return { values: values as Typed['values'], operands: positionals }
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

/**
 * Does what was typed. Opens what it works on only once everything was checked that can be before.
 * @throws CommandError
 */
export async function runCommand(
  [name, ...args]: string[],
  parts: { terminal: Terminal; withStorage(work: (storage: Storage) => Promise<void>): Promise<void> },
): Promise<void> {
  const { terminal, withStorage } = parts
  if (name === undefined || name === '--help' || name === '-h') return terminal.say(help())
  const command = commands.get(name)
  if (!command) throw new CommandError(`there is no command "${name}"; see --help`)
  const typed = parse(args, command)
  if (typed.values['help'] === true) return terminal.say(helpOf(name, command))
  const run = await command.prepare(typed)
  await withStorage((storage) => run(storage, terminal))
}
