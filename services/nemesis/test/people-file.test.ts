import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@switchboard/testing/temp'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandError } from '../src/admin/command.ts'
import { type PeopleFile, readPeople } from '../src/admin/read-people.ts'
import { readCsv } from '../src/csv/read.ts'
import { peopleOfCsv } from '../src/domain/people-csv.ts'

let dir: Awaited<ReturnType<typeof tempDir>>
beforeAll(async () => {
  dir = await tempDir()
})
afterAll(() => dir[Symbol.asyncDispose]())

async function read(name: string, content: string | Buffer): Promise<PeopleFile> {
  const path = join(dir.path, name)
  await writeFile(path, content)
  return readPeople(path)
}

async function errorOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (one: unknown) => one,
  )
  if (!(error instanceof CommandError)) throw new Error('taken')
  expect(error.message).toMatch(/^[^\r\n]{1,200}$/)
  return error.message
}

const HEADER = 'userid,first_name,surname,email,roles,college,teams'

describe('a CSV of people', () => {
  it('may have its columns in any order, and several names in a cell', async () => {
    const { people, colleges, teams } = await read(
      'order.csv',
      'teams,surname,userid,roles,first_name\r\n"team-A; team-B,team-C",L,ada,blueshirt team-leader,Ada\r\n',
    )
    expect(people).toEqual([
      {
        line: 2,
        person: {
          ok: true,
          value: {
            line: 2,
            userid: 'ada',
            firstName: 'Ada',
            surname: 'L',
            email: undefined,
            password: undefined,
            hashed: false,
            roles: ['blueshirt', 'team-leader'],
            colleges: [],
            teams: ['team-A', 'team-B', 'team-C'],
          },
        },
      },
    ])
    expect([colleges, teams]).toEqual([[], []])
  })

  it.each([
    ['a role that is none', 'x,A,B,,king,college-1,', 'roles: there are student, '],
    ['a role of a prototype', 'x,A,B,,constructor,college-1,', 'roles: there are student, '],
    ['a formula', 'x,=1+1,B,,,college-1,', 'a cell begins as a formula does'],
    ['a formula behind a space', 'x, @SUM(A1),B,,,college-1,', 'a cell begins as a formula does'],
    ['a college that is a filter', 'x,A,B,,,college-*)(,', 'college: has a name such as college-1'],
    ['a team of 10 kB', `x,A,B,,,,team-${'x'.repeat(10_000)}`, 'teams: have names such as team-ABC'],
    ['a missing cell', 'x,A,B', 'has 3 cells, but there are 7 columns'],
    ['a userid with NUL', 'x\u0000,A,B,,,,', 'userid: a username holds no control'],
    ['a userid of a DN', '"x,ou=users",A,B,,,,', 'userid: a username holds none of'],
    ['no userid', ',A,B,,,,', 'userid: a username has at least one character'],
    ['a name of 10 kB', `x,${'A'.repeat(10_000)},B,,,,`, 'first name: must have 256 characters at most'],
    ['no surname', 'x,A, ,,,,', 'surname: must not be empty'],
    ['an address with a line feed', 'x,A,B,"a@b.cd\nBcc: x@y.zz",,,', 'e-mail: not an e-mail address'],
  ])('has nobody in a row with %s', async (_what, row, error) => {
    const { people } = await read('row.csv', `${HEADER}\n${row}\ngood,A,B,,,,\nGOOD,C,D,,,,`)
    expect(people[0]).toEqual({
      line: 2,
      person: { ok: false, error: expect.stringContaining(error) as string },
    })
    expect(people.slice(1).map(({ person }) => person.ok || person.error)).toEqual([
      true,
      expect.stringMatching(/^userid: is that of line \d too$/),
    ])
  })

  it.each([
    ['', 'the file is empty'],
    ['userid,first_name,surname,role', 'line 1: there are the columns userid, '],
    ['userid,first_name', 'line 1: the column surname is missing'],
    ['userid,userid,first_name,surname', 'line 1: a column is there twice'],
    [`${HEADER}\nx,"A,B`, 'line 2: a quote is never closed'],
  ])('that is %j is none at all', async (text, error) => {
    expect(await errorOf(read('none.csv', text))).toContain(error)
  })

  it('never throws, whatever it is, and its errors repeat nothing of it', () => {
    const cell = fc.constantFrom('secret', '"', '=1', 'college-1', '\u0000', 'team-leader', '\ufffd', '\r')
    const row = fc.array(cell, { maxLength: 8 }).map((cells) => cells.join(','))
    fc.assert(
      fc.property(fc.array(row), fc.boolean(), (rows, withHeader) => {
        const text = [...(withHeader ? [HEADER] : []), ...rows].join('\n')
        const people = peopleOfCsv(readCsv(Buffer.from(text)))
        const errors = people.ok
          ? people.value.flatMap(({ person }) => (person.ok ? [] : [person.error]))
          : [people.error]
        for (const error of errors) expect(error).toMatch(/^(?!.*secret)[^\r\n]{1,200}$/)
      }),
    )
  })
})

describe('a file of people', () => {
  it.each([
    ['of another kind', 'people.txt', '', 'the file is a .ldif or a .csv'],
    ['with a reference', 'ref.ldif', 'dn: o=sr\ncn:< file:///etc/passwd', 'line 2: values by reference'],
    ['that is no LDIF', 'html.ldif', '<!doctype html>', 'line 1: neither'],
    ['that is no UTF-8', 'latin.ldif', Buffer.from('dn: o=sr\ncn: Jos\xe9\n', 'latin1'), 'is no UTF-8'],
  ])('%s is refused in a line', async (_what, name, content, error) => {
    expect(await errorOf(read(name, content))).toContain(error)
  })

  it('that is not there, or a folder, is refused in a line', async () => {
    expect(await errorOf(readPeople(join(dir.path, 'nowhere.csv')))).toBe('the file cannot be read (ENOENT)')
    await symlink(dir.path, join(dir.path, 'folder.ldif'))
    expect(await errorOf(readPeople(join(dir.path, 'folder.ldif')))).toBe('the file cannot be read (EISDIR)')
  })

  it('without an end is read to its limit only', async () => {
    const path = join(dir.path, 'zero.ldif')
    await symlink('/dev/zero', path)
    expect(await errorOf(readPeople(path))).toBe('the file has over 67108864 bytes')
  })
})
