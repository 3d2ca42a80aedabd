import { ConfigError } from '@switchboard/kit/config'
import { isUnavailable } from '@switchboard/kit/database'
import { CommandError } from './admin/command.ts'
import { withStorage } from './admin/open.ts'
import { runCommand } from './admin/run.ts'
import { createTerminal } from './admin/terminal.ts'
import { readConfig } from './config.ts'

/** In one line. What nobody expected is told with where it came from. */
function lineOf(error: unknown): string {
  const { message, stack = message } = error as Error
  const expected = error instanceof CommandError || error instanceof ConfigError || isUnavailable(error)
  return (expected ? message : stack).trim().replaceAll(/\s*[\r\n]+\s*/g, ' ')
}

const { env, stdout, stderr, argv } = process
const terminal = createTerminal({ env, stdout, stderr })
try {
  await runCommand(argv.slice(2), {
    terminal,
    withStorage: (work) => withStorage(readConfig(env), work),
  })
} catch (error) {
  terminal.warn(`nemesis admin: ${lineOf(error)}`)
  process.exitCode = 1
}
