import { nameKey } from '@switchboard/protocol/names'
import type { Directory, Person } from '../directory.ts'

/**
 * Whose a userid is: a person's; an account's that is in no directory, and may be anybody's, because anybody signs up; or
 * nobody's.
 */
export async function whoIs(
  directory: Pick<Directory, 'person' | 'useridsFrom'>,
  userid: string,
): Promise<Person | 'account' | undefined> {
  const person = await directory.person(userid)
  if (person) return person
  const key = nameKey(userid)
  const taken = await directory.useridsFrom(userid)
  return taken.some((one) => nameKey(one) === key) ? 'account' : undefined
}
