import type { Command } from './command.ts'
import { commands } from './commands.ts'

const PROGRAM = 'pnpm --filter @switchboard/nemesis admin'

const about = ({ about: lines }: Command): string => lines.map((line) => `      ${line}`).join('\n')

/** Of one command. */
export const helpOf = (name: string, command: Command): string =>
  `Usage: ${PROGRAM} ${name} ${command.usage}\n\n${about(command)}`

/** Of all of them. */
export const help = (): string => `Usage: ${PROGRAM} <command> [options]

Works on the directory and the database of a service with the same environment (NEMESIS_DIRECTORY, LDAP_…, DATABASE_URL, or
DATA_DIR; an embedded database only while no service runs on it). What it does stands in the audit.

Commands:
${[...commands].map(([name, command]) => `  ${name} ${command.usage}\n${about(command)}`).join('\n\n')}

Options:
  --help  Shows this; with a command, what that one does.`
