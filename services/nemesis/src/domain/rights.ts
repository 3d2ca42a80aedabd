import type { AuthError } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'

/** What someone in the directory may be, beside a student. A blueshirt is a mentor. */
export type Role = 'team-leader' | 'blueshirt' | 'administrator'

/** `student`: whoever has no role. */
type Standpoint = 'student' | Role

type Action =
  /** Full name and e-mail. */
  | 'see'
  /** E-mail or password, at once. */
  | 'change'
  /** Who is in a college, and its teams. */
  | 'see-college'
  | 'see-registrations'
  /** Approve and reject registrations, import and export them. */
  | 'decide'
  | 'read-audit'
  /** See oneself, set the own password, and ask for another e-mail address, which a mailed link verifies. */
  | 'self-service'

/** How far an action goes: `college` is whoever and whatever is in a college that the asker is in. */
type Reach = 'nobody' | 'self' | 'college' | 'everyone'

const STANDPOINTS: readonly Standpoint[] = ['student', 'blueshirt', 'team-leader', 'administrator']

/**
 * Who may do what to whom: in the order of {@link STANDPOINTS}, how far each goes; someone with several roles as far as
 * the widest of them. Beyond the table:
 * - everything but self-service takes somebody who {@link mayWork};
 * - `change` stops at whoever has a right that the asker lacks: see {@link mayChange}.
 */
const RIGHTS: Readonly<Record<Action, readonly [Reach, Reach, Reach, Reach]>> = {
  see: ['nobody', 'nobody', 'college', 'everyone'],
  change: ['nobody', 'nobody', 'college', 'everyone'],
  'see-college': ['nobody', 'nobody', 'college', 'everyone'],
  'see-registrations': ['nobody', 'nobody', 'college', 'everyone'],
  decide: ['nobody', 'nobody', 'nobody', 'everyone'],
  'read-audit': ['nobody', 'nobody', 'nobody', 'everyone'],
  'self-service': ['self', 'self', 'self', 'self'],
}

/** Administrators are team leaders too, and lack nothing that a mentor has. */
const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  'team-leader': ['team-leader'],
  blueshirt: ['blueshirt'],
  administrator: ['team-leader', 'blueshirt', 'administrator'],
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

const rolesOf = ({ roles }: Standing): Set<Role> => new Set(roles.flatMap((role) => INCLUDED[role]))

const isIn = ({ colleges }: Standing, college: string): boolean =>
  colleges.some(({ name }) => name === college)

/** The college that someone works in: the first, by the order of names, of those who are in several. */
export const ownCollege = ({ colleges }: Standing): College | undefined =>
  colleges.toSorted((a, b) => (a.name < b.name ? -1 : 1))[0]

/** Whether someone whose password was right may use the service; where not, why. Answers the college to work in. */
export function mayWork(
  person: Standing | undefined,
): Result<College, Exclude<AuthError, 'invalid credentials'>> {
  if (!person || !rolesOf(person).has('team-leader')) return err('not a teacher')
  const college = ownCollege(person)
  return college ? ok(college) : err('not in a college')
}

const WIDTH: readonly Reach[] = ['nobody', 'self', 'college', 'everyone']

function reachOf(asker: Standing, action: Action): Reach {
  if (action !== 'self-service' && !mayWork(asker).ok) return 'nobody'
  const standpoints = new Set<Standpoint>(['student', ...rolesOf(asker)])
  const reaches = RIGHTS[action].filter((_reach, index) => standpoints.has(STANDPOINTS[index] ?? 'student'))
  return WIDTH.findLast((reach) => reaches.includes(reach)) ?? 'nobody'
}

/** Whether an action goes as far as one of these colleges. */
function reaches(asker: Standing, action: Action, colleges: readonly string[]): boolean {
  const reach = reachOf(asker, action)
  return reach === 'everyone' || (reach === 'college' && colleges.some((name) => isIn(asker, name)))
}

const placesOf = ({ colleges }: Standing): string[] => colleges.map(({ name }) => name)

/** Name and address. */
export const maySee = (asker: Standing, person: Standing): boolean => reaches(asker, 'see', placesOf(person))

/** Whoever can set a password can be its person: so a leader's rights in another college count too. */
function lacksNothingOf(asker: Standing, person: Standing): boolean {
  const own = rolesOf(asker)
  if (![...rolesOf(person)].every((role) => own.has(role))) return false
  return (
    reachOf(asker, 'change') === 'everyone' ||
    !mayWork(person).ok ||
    placesOf(person).every((name) => isIn(asker, name))
  )
}

/** At once, e-mail and password: whoever is reached and has no right, in any college, that the asker lacks. */
export const mayChange = (asker: Standing, person: Standing): boolean =>
  reaches(asker, 'change', placesOf(person)) && lacksNothingOf(asker, person)

/** Its people and teams. */
export const maySeeCollege = (asker: Standing, college: string): boolean =>
  reaches(asker, 'see-college', [college])

/** Those that came from a college. */
export const maySeeRegistrations = (asker: Standing, college: string): boolean =>
  reaches(asker, 'see-registrations', [college])

/** On every registration, whatever college it came from. */
export const mayDecide = (asker: Standing): boolean => reachOf(asker, 'decide') === 'everyone'

export const mayReadAudit = (asker: Standing): boolean => reachOf(asker, 'read-audit') === 'everyone'

/** Whether someone in the directory serves himself, where {@link maySee} and {@link mayChange} do not allow more. */
export const mayServeSelf = (asker: Standing): boolean => reachOf(asker, 'self-service') === 'self'
