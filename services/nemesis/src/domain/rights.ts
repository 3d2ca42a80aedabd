import type { AuthError } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'

/** What someone in the directory may be, beside a student. A blueshirt is a mentor. */
export type Role = 'team-leader' | 'blueshirt' | 'administrator'

type Right = 'lead' | 'mentor' | 'administer'

/** Administrators are team leaders too, and lack nothing that a mentor has. */
const RIGHTS: Readonly<Record<Role, readonly Right[]>> = {
  'team-leader': ['lead'],
  blueshirt: ['mentor'],
  administrator: ['lead', 'mentor', 'administer'],
}

export interface College {
  /** `college-<x>` */
  name: string
  /** What people call it. */
  title: string
}

/** What the rules need to know of someone. */
export interface Standing {
  roles: readonly Role[]
  colleges: readonly College[]
}

const rightsOf = ({ roles }: Standing): Set<Right> => new Set(roles.flatMap((role) => RIGHTS[role]))

const shareCollege = (a: Standing, b: Standing): boolean =>
  a.colleges.some(({ name }) => b.colleges.some((other) => other.name === name))

/** The college that someone works in: the first, by the order of names, of those who are in several. */
export const ownCollege = ({ colleges }: Standing): College | undefined =>
  colleges.toSorted((a, b) => (a.name < b.name ? -1 : 1))[0]

/** Whether someone whose password was right may use the service; where not, why. Answers the college to work in. */
export function mayWork(
  person: Standing | undefined,
): Result<College, Exclude<AuthError, 'invalid credentials'>> {
  if (!person || !rightsOf(person).has('lead')) return err('not a teacher')
  const college = ownCollege(person)
  return college ? ok(college) : err('not in a college')
}

/** Of those who may work: a team leader sees the people of a college that both are in, an administrator everyone. */
export function maySee(asker: Standing, person: Standing): boolean {
  if (!mayWork(asker).ok) return false
  return rightsOf(asker).has('administer') || shareCollege(asker, person)
}

/** Whether someone who may work sees a college: one that he is in, an administrator every one. */
export function maySeeCollege(asker: Standing, college: string): boolean {
  if (!mayWork(asker).ok) return false
  return rightsOf(asker).has('administer') || asker.colleges.some(({ name }) => name === college)
}

/** Whoever is seen and has no right that the asker lacks. */
export function mayChange(asker: Standing, person: Standing): boolean {
  const own = rightsOf(asker)
  return maySee(asker, person) && [...rightsOf(person)].every((right) => own.has(right))
}
