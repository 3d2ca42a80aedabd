import { describe, expect, it } from 'vitest'
import { mayChange, maySee, mayWork, ownCollege, type Role, type Standing } from '../src/domain/rights.ts'

const college = (name: string) => ({ name, title: `The ${name}` })
const someone = (roles: Role[], ...colleges: string[]): Standing => ({
  roles,
  colleges: colleges.map(college),
})

const NOBODY = someone([])
const STUDENT = someone([], 'college-1')
const LEADER = someone(['team-leader'], 'college-1')
const MENTOR = someone(['blueshirt'], 'college-1')
const BOTH = someone(['team-leader', 'blueshirt'], 'college-1')
const ADMIN = someone(['administrator'], 'college-1')
const FAR_STUDENT = someone([], 'college-2')
const FAR_LEADER = someone(['team-leader'], 'college-2')
const FAR_ADMIN = someone(['administrator'], 'college-2')

const PEOPLE = {
  'somebody in no college': NOBODY,
  'a student': STUDENT,
  'a team leader': LEADER,
  'a mentor': MENTOR,
  'a team leader who is a mentor': BOTH,
  'an administrator': ADMIN,
  'a student of another college': FAR_STUDENT,
  'a team leader of another college': FAR_LEADER,
  'an administrator of another college': FAR_ADMIN,
}

/** Per asker, over {@link PEOPLE} in their order: `-` nothing, `s` sees, `c` sees and changes. */
const TABLE: [asker: string, who: Standing, cells: string][] = [
  ['somebody in no college', NOBODY, '---------'],
  ['a student', STUDENT, '---------'],
  ['a mentor', MENTOR, '---------'],
  ['a team leader', LEADER, '-ccsss---'],
  ['a team leader who is a mentor', BOTH, '-ccccs---'],
  ['a team leader of two colleges', someone(['team-leader'], 'college-1', 'college-2'), '-ccsssccs'],
  ['a team leader in no college', someone(['team-leader']), '---------'],
  ['an administrator', ADMIN, 'ccccccccc'],
  ['an administrator in no college', someone(['administrator']), '---------'],
]

describe('who sees and changes whom', () => {
  const cells = TABLE.flatMap(([asker, who, row]) =>
    Object.entries(PEOPLE).map(([name, person], index) => ({ asker, who, name, person, cell: row[index] })),
  )

  it.each(cells)('$asker to $name: $cell', ({ who, person, cell }) => {
    expect(maySee(who, person)).toBe(cell !== '-')
    expect(mayChange(who, person)).toBe(cell === 'c')
  })

  it('has a cell for every two', () => {
    for (const [asker, , row] of TABLE) expect(row.length, asker).toBe(Object.keys(PEOPLE).length)
  })
})

describe('who may work', () => {
  it.each([
    ['somebody who is not in the directory', undefined, 'not a teacher'],
    ['a student', STUDENT, 'not a teacher'],
    ['a mentor', MENTOR, 'not a teacher'],
    ['a team leader in no college', someone(['team-leader']), 'not in a college'],
    ['an administrator in no college', someone(['administrator']), 'not in a college'],
  ])('not %s', (_who, person, error) => {
    expect(mayWork(person)).toEqual({ ok: false, error })
  })

  it.each([
    ['a team leader', LEADER],
    ['an administrator, who is a team leader too', ADMIN],
  ])('%s, in the own college', (_who, person) => {
    expect(mayWork(person)).toEqual({ ok: true, value: college('college-1') })
  })

  it('whoever is in several colleges works in the first by name, however they come', () => {
    for (const names of [
      ['college-2', 'college-1'],
      ['college-1', 'college-2'],
    ])
      expect(ownCollege(someone(['team-leader'], ...names))).toEqual(college('college-1'))
  })
})
