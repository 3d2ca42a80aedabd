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

function leader(values: Values): Run {
  const username = option(values, 'userid')
  const college = option(values, 'college')
  const title = option(values, 'college-title', college)
  const firstName = option(values, 'first-name', username)
  const surname = option(values, 'surname', '')
  const email = option(values, 'email', '')
  if (!COLLEGE.test(college)) throw new CommandError('--college takes a name such as college-1')
  return async (storage, terminal) => {
    const { directory } = storage
    await directory.addColleges([{ name: college, title }])
    const enrolment = { firstName, surname, roles: ['team-leader'], colleges: [college], teams: [] } as const
    let done = await directory.enrol(username, enrolment)
    if (!done.ok && done.error.code === 'NOBODY') {
      const password = await terminal.password()
      const address = email === '' ? undefined : email
      done = await directory.add({ ...enrolment, userid: username, email: address, password })
      if (done.ok) terminal.say(`made the account ${username}`)
    }
    if (!done.ok) throw new CommandError(done.error.message)
    const userid = (await directory.person(username))?.userid ?? username
    terminal.say(`${userid} is a team leader in ${college}`)
  }
}

const removeDemoPeople: () => Run = () => async (storage, terminal) => {
  const removed = await removeDemo(storage.directory, demoRoster())
  terminal.say(removed.length > 0 ? `removed ${removed.join(', ')}` : 'there are no demo people')
}

/** Each checks its options before anything is opened. */
export const commands: ReadonlyMap<string, (values: Values) => Run> = new Map([
  ['leader', leader],
  ['remove-demo', removeDemoPeople],
])
