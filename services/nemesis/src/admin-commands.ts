import type { Account } from '@switchboard/auth/account'
import { parseField } from '@switchboard/protocol/nemesis'
import { demoRoster } from './demo.ts'
import { removeDemo } from './demo-seed.ts'
import type { Storage } from './storage.ts'

/** One line for whoever typed the command. */
export class CommandError extends Error {
  override name = 'CommandError'
}

export const HELP = `Usage: pnpm --filter @switchboard/nemesis admin <command> [options]

Works on the database of a service with the same environment (DATABASE_URL, or DATA_DIR; an embedded database only while
no service runs on it).

Commands:
  leader --userid <name> --college <college-x> [--college-title <text>]
         [--first-name <text>] [--surname <text>] [--email <address>]
      Makes someone a team leader in a college. Makes the account, the person and the college where there are none; what is
      there already is kept. The password of a new account is read from NEMESIS_PASSWORD, else from standard input.

  remove-demo
      Takes the demo people who still have their published passwords out of the directory, and locks their accounts.

Options:
  --help  Shows this.`

const text = { type: 'string' } as const

export const ALL_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  userid: text,
  college: text,
  'college-title': text,
  'first-name': text,
  surname: text,
  email: text,
} as const

type Values = { [K in keyof typeof ALL_OPTIONS]?: string | boolean | undefined }

/** How a command speaks to whoever typed it. */
interface Terminal {
  say(line: string): void
  /** Asked for only where it is needed. */
  password(): Promise<string>
}

type Run = (storage: Storage, terminal: Terminal) => Promise<void>

/** A group that LDAP would know as a college: what follows the dash is not empty and needs no escape there. */
const COLLEGE = /^college-[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{0,63}$/u

function option(values: Values, name: keyof typeof ALL_OPTIONS, fallback?: string): string {
  const value = values[name] ?? fallback
  if (typeof value !== 'string') throw new CommandError(`--${name} is missing; see --help`)
  const field = value === fallback ? { ok: true as const, value } : parseField(value)
  if (!field.ok) throw new CommandError(`--${name} ${field.error}`)
  return field.value
}

async function accountFor(
  { accounts }: Storage,
  { username, email }: { username: string; email: string },
  { say, password }: Terminal,
): Promise<Account> {
  const known = await accounts.byName(username)
  if (known) return known
  const made = await accounts.create({
    username,
    password: await password(),
    email: email === '' ? undefined : email,
  })
  if (!made.ok) throw new CommandError(made.error.message)
  say(`made the account ${made.value.username}`)
  return made.value
}

function leader(values: Values): Run {
  const username = option(values, 'userid')
  const college = option(values, 'college')
  const title = option(values, 'college-title', college)
  const firstName = option(values, 'first-name', username)
  const surname = option(values, 'surname', '')
  const email = option(values, 'email', '')
  if (!COLLEGE.test(college)) throw new CommandError('--college takes a name such as college-1')
  return async (storage, terminal) => {
    const account = await accountFor(storage, { username, email }, terminal)
    await storage.membership.addColleges([{ name: college, title }])
    const enrolment = { accountId: account.id, firstName, surname, colleges: [college], teams: [] }
    await storage.membership.enrol({ ...enrolment, roles: ['team-leader'] })
    terminal.say(`${account.username} is a team leader in ${college}`)
  }
}

const removeDemoPeople: () => Run = () => async (storage, terminal) => {
  const removed = await removeDemo(storage, demoRoster())
  terminal.say(removed.length > 0 ? `removed ${removed.join(', ')}` : 'there are no demo people')
}

/** Each checks its options before anything is opened. */
export const commands: ReadonlyMap<string, (values: Values) => Run> = new Map([
  ['leader', leader],
  ['remove-demo', removeDemoPeople],
])
