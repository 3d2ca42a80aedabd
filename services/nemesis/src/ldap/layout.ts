import type { Role } from '../domain/rights.ts'

/** RFC 4514 §2.4: what would end the value, or be taken for more than itself. */
const SPECIAL = /[\\",+;<>=]|^[ #]| $/g

/** A value as a part of a DN. */
export const escapeDn = (value: string): string =>
  value.replace(SPECIAL, (character) => `\\${character}`).replaceAll('\0', '\\00')

/** How Student Robotics named the groups of its roles. */
export const ROLE_GROUPS: Readonly<Record<Role, string>> = {
  'team-leader': 'teachers',
  blueshirt: 'mentors',
  administrator: 'admins',
}

export const COLLEGE = 'college-'
export const TEAM = 'team-'

/** Where things are, below the base. */
export interface Layout {
  base: string
  people: string
  groups: string
  personDn(userid: string): string
  groupDn(name: string): string
  /** Of a DN as a server writes it. */
  isPerson(dn: string): boolean
  isGroup(dn: string): boolean
}

/** @param base without characters that need an escape */
export function layout(base: string): Layout {
  const people = `ou=users,${base}`
  const groups = `ou=groups,${base}`
  const isBelow = (parent: string) => (dn: string) =>
    dn
      .replace(/ *([,=]) */g, '$1')
      .toLowerCase()
      .endsWith(`,${parent.toLowerCase()}`)
  return {
    base,
    people,
    groups,
    personDn: (userid) => `uid=${escapeDn(userid)},${people}`,
    groupDn: (name) => `cn=${escapeDn(name)},${groups}`,
    isPerson: isBelow(people),
    isGroup: isBelow(groups),
  }
}
