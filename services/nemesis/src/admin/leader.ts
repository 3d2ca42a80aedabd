import { parseEmail, parseUsername } from '@switchboard/protocol/names'
import { isCollegeName } from '../domain/places.ts'
import type { Role } from '../domain/rights.ts'
import type { Storage } from '../storage.ts'
import { addColleges } from './add-places.ts'
import { type Command, CommandError, noOperand, optional, required, TEXT, type Terminal } from './command.ts'
import { audited, orStop } from './done.ts'
import { whoIs } from './who-is.ts'

interface NewLeader {
  userid: string
  college: string
  title: string
  firstName: string
  surname: string
  email: string | undefined
  role: Role
}

function checkUserid(userid: string): string {
  const name = parseUsername(userid)
  if (!name.ok) throw new CommandError(`--userid: ${name.error}`)
  return name.value.name
}

function checkEmail(email: string | undefined): string | undefined {
  if (email === undefined) return undefined
  const address = parseEmail(email)
  if (!address.ok) throw new CommandError(`--email: ${address.error}`)
  return address.value.name
}

export function checkCollege(name: string): string {
  if (!isCollegeName(name)) throw new CommandError('--college takes a name such as college-1')
  return name
}

async function makeLeader(storage: Storage, leader: NewLeader, terminal: Terminal): Promise<void> {
  const { directory } = storage
  const { userid, college, title, firstName, surname, email, role } = leader
  const places = { roles: [role], colleges: [college], teams: [] }
  const details = { role, college }
  const who = await whoIs(directory, userid)
  // Asked before anything is made.
  const password = who === undefined ? await terminal.password() : undefined
  await addColleges(storage, [{ name: college, title }])
  if (who === undefined) {
    const person = { userid, firstName, surname, email, password, ...places }
    const act = { action: 'person-added', target: userid, details } as const
    orStop(await audited(storage, act, () => directory.add(person)))
    terminal.say(`made the account ${userid}`)
    return
  }
  const act = { action: 'person-enrolled', target: userid, details } as const
  orStop(await audited(storage, act, () => directory.enrol(userid, { firstName, surname, ...places })))
  if (who === 'account')
    terminal.say(`there was an account ${userid} already: its password and e-mail address stay`)
}

const OPTIONS = {
  userid: TEXT,
  college: TEXT,
  'college-title': TEXT,
  'first-name': TEXT,
  surname: TEXT,
  email: TEXT,
}

/** Of `leader` and `administrator`, which differ in the role only. */
export const leaderCommand = (role: Role, called: string, about: string): Command => ({
  usage: `--userid <name> --college <college-x> [--college-title <text>]
         [--first-name <text>] [--surname <text>] [--email <address>]`,
  about: [
    about,
    'Makes the account, the person and the college where there are none; what is there already is kept.',
    'The password of a new account is read from NEMESIS_PASSWORD, else from standard input.',
  ],
  options: OPTIONS,
  prepare(typed) {
    noOperand(typed)
    const userid = checkUserid(required(typed, 'userid'))
    const college = checkCollege(required(typed, 'college'))
    const leader: NewLeader = {
      userid,
      college,
      title: optional(typed, 'college-title') ?? college,
      firstName: optional(typed, 'first-name') ?? userid,
      surname: optional(typed, 'surname') ?? '',
      email: checkEmail(optional(typed, 'email')),
      role,
    }
    return async (storage, terminal) => {
      await makeLeader(storage, leader, terminal)
      const person = await storage.directory.person(userid)
      terminal.say(`${person?.userid ?? userid} is ${called} in ${college}`)
    }
  },
})
