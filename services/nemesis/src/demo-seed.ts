import { randomBytes } from 'node:crypto'
import type { Account } from '@switchboard/auth/account'
import type { Accounts } from '@switchboard/auth/accounts'
import { ConfigError } from '@switchboard/kit/config'
import type { Roster, RosterPerson } from './domain/roster.ts'
import type { Membership } from './store/membership.ts'
import type { Seeds } from './store/seeds.ts'

export interface DemoParts {
  accounts: Accounts
  membership: Membership
  seeds: Seeds
}

const SEED = 'demo'

/** The account with the demo password; `undefined` where somebody else took the name. */
async function accountOf(
  { accounts }: Pick<DemoParts, 'accounts'>,
  { userid: username, email, password = '' }: RosterPerson,
): Promise<Account | undefined> {
  let account = await accounts.create({ username, password, email })
  // Somebody signed up with the address; the demo person can do without.
  if (!account.ok && account.error.code === 'EMAIL_EXISTS') {
    account = await accounts.create({ username, password })
  }
  if (account.ok) return account.value
  if (account.error.code !== 'USER_EXISTS') throw new Error(`${username}: ${account.error.message}`)
  // A start that was broken off made it, or one that is under way: whoever knows the password is as good.
  const verified = await accounts.verify(username, password)
  return verified.ok ? verified.value : undefined
}

/** Puts the demo people in, at the first start only. Answers the userids that somebody else had before. */
export async function seedDemo(
  { accounts, membership, seeds }: DemoParts,
  roster: Roster,
): Promise<string[]> {
  if (await seeds.isDone(SEED)) return []
  await membership.addColleges(roster.colleges)
  await membership.addTeams(roster.teams)
  const taken: string[] = []
  for (const person of roster.people) {
    const account = await accountOf({ accounts }, person)
    if (account) await membership.enrol({ ...person, accountId: account.id })
    else taken.push(person.userid)
  }
  await seeds.done(SEED)
  return taken
}

/**
 * Those of the demo people who are in the directory and still have the published password. An account of such a name
 * that is not in the directory has no rights, and may be anybody's.
 */
async function findDemoPeople(
  { accounts, membership }: Pick<DemoParts, 'accounts' | 'membership'>,
  roster: Roster,
): Promise<Account[]> {
  const found: Account[] = []
  for (const { userid, password = '' } of roster.people) {
    const account = await accounts.byName(userid)
    if (!account || !(await membership.has(account.id))) continue
    if ((await accounts.verify(userid, password)).ok) found.push(account)
  }
  return found
}

/** Takes those whom {@link findDemoPeople} finds out of the directory, and gives their accounts a password nobody knows. */
export async function removeDemo(
  parts: Pick<DemoParts, 'accounts' | 'membership'>,
  roster: Roster,
): Promise<string[]> {
  const found = await findDemoPeople(parts, roster)
  for (const { id } of found) {
    await parts.accounts.setPassword(id, randomBytes(32).toString('base64'))
    await parts.membership.remove(id)
  }
  return found.map(({ username }) => username)
}

/** @throws ConfigError where {@link findDemoPeople} finds anybody */
export async function refuseDemoPeople(
  parts: Pick<DemoParts, 'accounts' | 'membership'>,
  roster: Roster,
): Promise<void> {
  const [first] = await findDemoPeople(parts, roster)
  if (!first) return
  throw new ConfigError(
    `the database holds the demo person ${first.username}, whose password everyone knows; ` +
      'take the demo people out with: pnpm --filter @switchboard/nemesis admin remove-demo',
  )
}
