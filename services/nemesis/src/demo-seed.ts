import { randomBytes } from 'node:crypto'
import { ConfigError } from '@switchboard/kit/config'
import { isUnavailable } from '@switchboard/kit/database'
import type { Directory } from './directory.ts'
import type { Roster, RosterPerson } from './domain/roster.ts'
import type { Seeds } from './store/seeds.ts'

const SEED = 'demo'

/** In the directory with the demo password; `false` where somebody else took the name. */
async function put(directory: Directory, person: RosterPerson): Promise<boolean> {
  const { userid, password = '' } = person
  let added = await directory.add(person)
  // Somebody signed up with the address; the demo person can do without.
  if (!added.ok && added.error.code === 'EMAIL_TAKEN') {
    added = await directory.add({ ...person, email: undefined })
  }
  if (added.ok) return true
  if (added.error.code !== 'USERID_TAKEN') throw new Error(`${userid}: ${added.error.message}`)
  // A start that was broken off made it, or one that is under way: whoever knows the password is as good.
  if (!(await directory.authenticate(userid, password)).ok) return false
  return (await directory.enrol(userid, person)).ok
}

/** Puts the demo people in, at the first start only. Answers the userids that somebody else had before. */
export async function seedDemo(
  { directory, seeds }: { directory: Directory; seeds: Seeds },
  roster: Roster,
): Promise<string[]> {
  if (await seeds.isDone(SEED)) return []
  await directory.addColleges(roster.colleges)
  await directory.addTeams(roster.teams)
  const taken: string[] = []
  for (const person of roster.people) {
    if (!(await put(directory, person))) taken.push(person.userid)
  }
  await seeds.done(SEED)
  return taken
}

/**
 * The userids of those demo people who are in the directory and still have the published password. An account of such a
 * name that is not in the directory has no rights, and may be anybody's.
 */
async function findDemoPeople(directory: Directory, roster: Roster): Promise<string[]> {
  const found: string[] = []
  for (const { userid, password = '' } of roster.people) {
    const person = await directory.person(userid)
    if (person && (await directory.authenticate(userid, password)).ok) found.push(person.userid)
  }
  return found
}

/** Takes those whom {@link findDemoPeople} finds out of the directory, with a password nobody knows on what stays. */
export async function removeDemo(directory: Directory, roster: Roster): Promise<string[]> {
  const found = await findDemoPeople(directory, roster)
  for (const userid of found) {
    await directory.setPassword(userid, randomBytes(32).toString('base64'))
    await directory.remove(userid)
  }
  return found
}

/** @throws ConfigError where {@link findDemoPeople} finds anybody, or the directory does not answer */
export async function refuseDemoPeople(directory: Directory, roster: Roster): Promise<void> {
  const [first] = await findDemoPeople(directory, roster).catch((error: unknown) => {
    if (!isUnavailable(error)) throw error
    throw new ConfigError(
      'the directory does not answer; a start for others asks it for the demo people first',
    )
  })
  if (first === undefined) return
  throw new ConfigError(
    `the directory holds the demo person ${first}, whose password everyone knows; ` +
      'take the demo people out with: pnpm --filter @switchboard/nemesis admin remove-demo',
  )
}
