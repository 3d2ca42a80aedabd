import { describe, expect, it } from 'vitest'
import { demoPeople, demoRoster } from '../src/demo.ts'
import { parseLdif } from '../src/domain/ldif.ts'
import { rosterOf } from '../src/domain/roster.ts'

const read = (ldif: string) => {
  const entries = parseLdif(ldif)
  return entries.ok ? rosterOf(entries.value) : entries
}

describe('the demo people', () => {
  it('are two team leaders and four students in two colleges and three teams', () => {
    const { people, colleges, teams } = demoRoster()
    expect(colleges).toEqual([
      { name: 'college-1', title: 'college the first' },
      { name: 'college-2', title: 'college the second' },
    ])
    expect(teams).toEqual(['team-ABC', 'team-DFE', 'team-QWE'])
    expect(
      people.map(({ userid, roles, colleges: [college], teams: [team] }) => [
        userid,
        roles[0],
        college,
        team,
      ]),
    ).toEqual([
      ['teacher_coll1', 'team-leader', 'college-1', undefined],
      ['teacher_coll2', 'team-leader', 'college-2', undefined],
      ['student_coll1_1', undefined, 'college-1', 'team-ABC'],
      ['student_coll1_2', undefined, 'college-1', 'team-DFE'],
      ['student_coll2_1', undefined, 'college-2', 'team-QWE'],
      ['student_coll2_2', undefined, 'college-2', 'team-QWE'],
    ])
  })

  it('have the passwords of their directory', () => {
    expect(demoPeople().slice(0, 3)).toEqual([
      { userid: 'teacher_coll1', password: 'facebees' },
      { userid: 'teacher_coll2', password: 'noway' },
      { userid: 'student_coll1_1', password: 'cows' },
    ])
  })
})

const PERSON = 'dn: uid=a,o=sr\nobjectClass: inetOrgPerson\nuid: a\ncn: Ada\nsn: Lovelace\n'

describe('a directory as Student Robotics laid it out', () => {
  it.each([
    ['teachers', 'team-leader'],
    ['mentors', 'blueshirt'],
    ['admins', 'administrator'],
  ])('makes members of %s a %s', (group, role) => {
    const roster = read(
      `${PERSON}\ndn: cn=${group},o=sr\nobjectClass: posixGroup\ncn: ${group}\nmemberUid: a\n`,
    )
    expect(roster).toMatchObject({
      ok: true,
      value: { people: [{ userid: 'a', roles: [role], colleges: [] }] },
    })
  })

  it('names a college by its description, else by its group', () => {
    const roster = read('dn: cn=college-9,o=sr\nobjectClass: posixGroup\ncn: college-9\n')
    expect(roster).toMatchObject({
      ok: true,
      value: { colleges: [{ name: 'college-9', title: 'college-9' }] },
    })
  })

  it('has no password to give where it keeps a hash', () => {
    const roster = read(`${PERSON}userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n`)
    expect(roster).toMatchObject({ ok: true, value: { people: [{ password: undefined }] } })
  })

  it('leaves other entries, groups and members out', () => {
    const roster = read(
      `dn: o=sr\nobjectClass: organization\no: sr\n\n${PERSON}\ndn: cn=srusers,o=sr\nobjectClass: posixGroup\ncn: srusers\nmemberUid: a\nmemberUid: gone\n`,
    )
    expect(roster).toMatchObject({
      ok: true,
      value: { people: [{ roles: [], colleges: [], teams: [] }], colleges: [], teams: [] },
    })
  })

  it('names the person that lacks a name', () => {
    expect(read('dn: uid=a,o=sr\nobjectClass: inetOrgPerson\nuid: a\ncn: Ada\n')).toEqual({
      ok: false,
      error: 'line 1: a person has uid, cn and sn',
    })
  })
})
