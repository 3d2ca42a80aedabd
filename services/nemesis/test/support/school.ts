import { SLAPD_BASE } from '@switchboard/testing/slapd'

/** A directory with so many in each college: a team leader, and teams of ten students. */
export interface School {
  ldif: string
  /** One a college; each one's password is `password`. */
  leaders: string[]
  people: { userid: string; college: string; team: string | undefined }[]
  colleges: string[]
  teams: string[]
}

export const SCHOOL_PASSWORD = 'password'

const TEAM_SIZE = 10

const entry = (lines: readonly string[]): string => `${lines.join('\n')}\n\n`

const personEntry = (userid: string): string =>
  entry([
    `dn: uid=${userid},ou=users,${SLAPD_BASE}`,
    'objectClass: inetOrgPerson',
    `uid: ${userid}`,
    'cn: Given',
    `sn: Name of ${userid}`,
    `mail: ${userid}@example.org`,
    `userPassword: ${SCHOOL_PASSWORD}`,
  ])

const groupEntry = (name: string, gidNumber: number, members: readonly string[]): string =>
  entry([
    `dn: cn=${name},ou=groups,${SLAPD_BASE}`,
    'objectClass: posixGroup',
    `cn: ${name}`,
    `gidNumber: ${gidNumber}`,
    ...(name.startsWith('college-') ? [`description: The college ${name}`] : []),
    ...members.map((userid) => `memberUid: ${userid}`),
  ])

export function makeSchool({ colleges: count, each }: { colleges: number; each: number }): School {
  const colleges = Array.from({ length: count }, (_, index) => `college-${index + 1}`)
  const people: School['people'] = colleges.flatMap((college, index) =>
    Array.from({ length: each }, (_, member) => ({
      userid: `${index + 1}_p${member}`,
      college,
      team: member === 0 ? undefined : `team-${index + 1}_${Math.ceil(member / TEAM_SIZE)}`,
    })),
  )
  const leaders = people.filter(({ team }) => team === undefined).map(({ userid }) => userid)
  const teams = [...new Set(people.flatMap(({ team }) => team ?? []))]
  const members = new Map<string, string[]>([['teachers', leaders]])
  for (const { userid, college, team } of people) {
    for (const group of team === undefined ? [college] : [college, team]) {
      members.set(group, [...(members.get(group) ?? []), userid])
    }
  }
  const ldif = [
    entry([`dn: ${SLAPD_BASE}`, 'objectClass: organization', 'o: sr']),
    ...['users', 'groups'].map((ou) =>
      entry([`dn: ou=${ou},${SLAPD_BASE}`, 'objectClass: organizationalUnit', `ou: ${ou}`]),
    ),
    ...people.map(({ userid }) => personEntry(userid)),
    ...[...members].map(([name, userids], index) => groupEntry(name, 3001 + index, userids)),
  ]
  return { ldif: ldif.join(''), leaders, people, colleges, teams }
}
