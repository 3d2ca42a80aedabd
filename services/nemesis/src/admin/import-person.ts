import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Person } from '../directory.ts'
import type { RosterPerson } from '../domain/roster.ts'
import type { Storage } from '../storage.ts'
import { audited } from './done.ts'
import { whoIs } from './who-is.ts'

/** `same`: was there already, with these roles and colleges. */
export type Outcome = 'added' | 'enrolled' | 'same'

export interface ImportOptions {
  /** Accounts of the userids that are in no directory yet are taken for those people's. */
  adopt: boolean
  /** Nothing is done. */
  dryRun: boolean
}

const STRANGER =
  'an account of that userid is in no directory, and may be anybody’s; with --adopt it is taken for this person’s'

/** Roles and colleges that the person has not. Teams give no rights, and are added again without a word. */
function newTo(there: Person, { roles, colleges }: RosterPerson) {
  const own = new Set<string>([...there.roles, ...there.colleges.map(({ name }) => name)])
  return [...roles, ...colleges].filter((one) => !own.has(one))
}

/** Who knows the password is as good as the person; whoever else has the account may have been there first on purpose. */
async function mayTake({ directory }: Storage, { userid, password }: RosterPerson, { adopt }: ImportOptions) {
  return adopt || (password !== undefined && (await directory.authenticate(userid, password)).ok)
}

async function add(storage: Storage, person: RosterPerson): Promise<Result<Outcome>> {
  const { userid, roles, colleges } = person
  const details = { roles: roles.join(' '), colleges: colleges.join(' ') }
  const act = { action: 'person-added', target: userid, details } as const
  const added = await audited(storage, act, () => storage.directory.add(person))
  return added.ok ? ok('added') : err(added.error.message)
}

async function enrol(
  storage: Storage,
  person: RosterPerson,
  gained: readonly string[],
): Promise<Result<Outcome>> {
  const { userid } = person
  const work = () => storage.directory.enrol(userid, person)
  const act = { action: 'person-enrolled', target: userid, details: { gained: gained.join(' ') } } as const
  const done = gained.length > 0 ? await audited(storage, act, work) : await work()
  if (!done.ok) return err(done.error.message)
  return ok(gained.length > 0 ? 'enrolled' : 'same')
}

/**
 * Puts one person into the directory; whoever is there keeps name, address and password, and gets the places besides. Doing
 * it again changes nothing.
 */
export async function importPerson(
  storage: Storage,
  person: RosterPerson,
  options: ImportOptions,
): Promise<Result<Outcome>> {
  const { directory } = storage
  const { userid, email } = person
  const who = await whoIs(directory, userid)
  if (who === 'account' && !(await mayTake(storage, person, options))) return err(STRANGER)
  if (who === undefined) {
    if (!options.dryRun) return add(storage, person)
    const owner = email === undefined ? undefined : await directory.personByEmail(email)
    return owner ? err('somebody has that e-mail address already') : ok('added')
  }
  const gained = who === 'account' ? [...person.roles, ...person.colleges, 'account'] : newTo(who, person)
  if (gained.length === 0 && person.teams.length === 0) return ok('same')
  if (options.dryRun) return ok(gained.length > 0 ? 'enrolled' : 'same')
  return enrol(storage, person, gained)
}
