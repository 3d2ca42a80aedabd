import { describe, expect, it } from 'vitest'
import {
  mayChange,
  mayDecide,
  mayReadAudit,
  maySee,
  maySeeCollege,
  maySeeRegistrations,
  mayServeSelf,
  mayWork,
  ownCollege,
  type Role,
  type Standing,
} from '../src/domain/rights.ts'

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
const LEADER_OF_TWO = someone(['team-leader'], 'college-1', 'college-2')
const STUDENT_OF_TWO = someone([], 'college-1', 'college-2')

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
  'a student of both colleges': STUDENT_OF_TWO,
  'a team leader of both colleges': LEADER_OF_TWO,
}

/** Everybody who may ask, and for each over {@link PEOPLE} in their order: `-` nothing, `s` sees, `c` sees and changes. */
const TO_PEOPLE: [asker: string, who: Standing, cells: string][] = [
  ['somebody in no college', NOBODY, '-----------'],
  ['a student', STUDENT, '-----------'],
  ['a student of both colleges', STUDENT_OF_TWO, '-----------'],
  ['a mentor', MENTOR, '-----------'],
  ['a team leader', LEADER, '-ccsss---cs'],
  ['a team leader who is a mentor', BOTH, '-ccccs---cs'],
  ['a team leader of both colleges', LEADER_OF_TWO, '-ccsssccscc'],
  ['a team leader in no college', someone(['team-leader']), '-----------'],
  ['an administrator', ADMIN, 'ccccccccccc'],
  ['an administrator in no college', someone(['administrator']), '-----------'],
]

describe('who sees and changes whom', () => {
  const cells = TO_PEOPLE.flatMap(([asker, who, row]) =>
    Object.entries(PEOPLE).map(([name, person], index) => ({ asker, who, name, person, cell: row[index] })),
  )

  it.each(cells)('$asker to $name: $cell', ({ who, person, cell }) => {
    expect(maySee(who, person)).toBe(cell !== '-')
    expect(mayChange(who, person)).toBe(cell === 'c')
  })

  it('has a cell for every two', () => {
    for (const [asker, , row] of TO_PEOPLE) expect(row.length, asker).toBe(Object.keys(PEOPLE).length)
  })

  it('lets nobody change somebody and, as that person, do more than before', () => {
    for (const [asker, who] of TO_PEOPLE)
      for (const [name, person] of Object.entries(PEOPLE).filter(([, one]) => mayChange(who, one))) {
        const what = `${asker} as ${name}`
        for (const other of Object.values(PEOPLE)) {
          expect(maySee(person, other) && !maySee(who, other), what).toBe(false)
          expect(mayChange(person, other) && !mayChange(who, other), what).toBe(false)
        }
        for (const place of ['college-1', 'college-2']) {
          expect(maySeeCollege(person, place) && !maySeeCollege(who, place), what).toBe(false)
          expect(maySeeRegistrations(person, place) && !maySeeRegistrations(who, place), what).toBe(false)
        }
        expect(mayDecide(person) && !mayDecide(who), what).toBe(false)
        expect(mayReadAudit(person) && !mayReadAudit(who), what).toBe(false)
      }
  })
})

/** `own`: of a college that the asker is in; `far`: of another; `y` may, `-` may not. */
const TO_PLACES: [
  asker: string,
  who: Standing,
  cells: { college: string; registrations: string; decide: string; audit: string },
][] = [
  ['a student', STUDENT, { college: '--', registrations: '--', decide: '-', audit: '-' }],
  ['a mentor', MENTOR, { college: '--', registrations: '--', decide: '-', audit: '-' }],
  ['a team leader', LEADER, { college: 'y-', registrations: 'y-', decide: '-', audit: '-' }],
  ['a team leader who is a mentor', BOTH, { college: 'y-', registrations: 'y-', decide: '-', audit: '-' }],
  [
    'a team leader of both colleges',
    LEADER_OF_TWO,
    { college: 'yy', registrations: 'yy', decide: '-', audit: '-' },
  ],
  [
    'a team leader in no college',
    someone(['team-leader']),
    { college: '--', registrations: '--', decide: '-', audit: '-' },
  ],
  ['an administrator', ADMIN, { college: 'yy', registrations: 'yy', decide: 'y', audit: 'y' }],
  [
    'an administrator in no college',
    someone(['administrator']),
    { college: '--', registrations: '--', decide: '-', audit: '-' },
  ],
]

const cell = (...mays: boolean[]): string => mays.map((may) => (may ? 'y' : '-')).join('')

describe('who sees colleges and registrations, decides, and reads the audit', () => {
  it.each(TO_PLACES)('%s', (_asker, who, expected) => {
    expect({
      college: cell(maySeeCollege(who, 'college-1'), maySeeCollege(who, 'college-2')),
      registrations: cell(maySeeRegistrations(who, 'college-1'), maySeeRegistrations(who, 'college-2')),
      decide: cell(mayDecide(who)),
      audit: cell(mayReadAudit(who)),
    }).toEqual(expected)
  })
})

describe('who serves himself', () => {
  it.each(Object.entries(PEOPLE))('%s', (_who, person) => {
    expect(mayServeSelf(person)).toBe(true)
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
