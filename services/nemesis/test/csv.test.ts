import { buffer } from 'node:stream/consumers'
import {
  FIELD_MAX,
  IMPORT_ROWS,
  parseRegistration,
  type QueuedRegistration,
} from '@switchboard/protocol/nemesis'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../src/csv/read.ts'
import { writeRegistrations } from '../src/csv/write.ts'
import { harmless, isFormula, textOf } from '../src/domain/cells.ts'
import { checkRows } from '../src/domain/import-rows.ts'

const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠1']

describe('a cell', () => {
  it('that a spreadsheet would calculate gets an apostrophe, and nothing else does', () => {
    for (const text of FORMULAS) {
      expect(isFormula(text)).toBe(true)
      expect(harmless(text)).toBe(`'${text}`)
      expect(isFormula(harmless(text))).toBe(false)
    }
    for (const text of ['Ada', '', "O'Brien", "'t Hooft", 'a=1', '1-2', 'a@example.org', ' x'])
      expect([harmless(text), textOf(text), isFormula(text)]).toEqual([text, text, false])
  })

  it('of any text is harmless, and is the same text again', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom("'", "''", ''), fc.constantFrom(...FORMULAS)).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, (text) => {
        expect(isFormula(harmless(text))).toBe(false)
        expect(textOf(harmless(text))).toBe(text)
      }),
    )
  })
})

const read = (text: string) => readCsv(Buffer.from(text))

describe('a file', () => {
  it('is RFC 4180 with CRLF or LF, quotes or none, a byte order mark or none', () => {
    const cells = [
      ['a', 'b'],
      ['1', 'x,"y"'],
    ]
    for (const text of ['a,b\r\n1,"x,""y"""\r\n', 'a,b\n1,"x,""y"""', '\ufeff"a","b"\r\n"1","x,""y"""'])
      expect(read(text).rows.map((row) => row.cells)).toEqual(cells)
  })

  it('has rows that know their line, past empty lines and lines within quotes', () => {
    const { rows } = read('\ufeffa,b\r\n\r\n"x\r\ny",1\r\n2,3\n4,5')
    expect(rows.map(({ line, cells: [first] }) => [line, first])).toEqual([
      [1, 'a'],
      [3, 'x\r\ny'],
      [5, '2'],
      [6, '4'],
    ])
  })

  it.each([
    ['a quote that is never closed', 'a,b\n1,2\n3,"4\n5,6\n', 'a quote is never closed'],
    ['text behind a closing quote', 'a,b\n1,2\n3,"4"x\n5,6\n', 'something follows a closing quote'],
    ['a quote in the middle of a cell', 'a,b\n1,2\n3,4"\n5,6\n', 'a quote stands in a cell'],
  ])('with %s is read up to there, and names the place', (_what, text, problem) => {
    expect(read(text)).toMatchObject({
      rows: [{ line: 1 }, { line: 2 }],
      broken: { line: 3, column: 1, problem: expect.stringContaining(problem) as string },
    })
  })

  it('of any bytes is read without an exception, and its lines ascend', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const lines = readCsv(Buffer.from(bytes)).rows.map(({ line }) => line)
        expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
      }),
    )
    const torn = fc.array(fc.constantFrom('"', ',', '\r', '\n', 'x', '\ufeff', '""', 'é'), { maxLength: 40 })
    fc.assert(
      fc.property(torn, (parts) => {
        const text = parts.join('')
        for (const { line, cells } of read(text).rows) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect(cells.length).toBeGreaterThan(0)
        }
      }),
    )
  })
})

const HEADER = 'first_name,last_name,email,team,college'
const check = (...lines: (string | Buffer)[]) => {
  const bytes = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')])
  return checkRows(readCsv(Buffer.concat(bytes)))
}
/** The errors by line. */
function errorsOf(...lines: (string | Buffer)[]): [number, string][] {
  const checked = check(...lines)
  if (!checked.ok) throw new Error(checked.error)
  return checked.value.flatMap(({ line, candidate }) =>
    candidate.ok ? [] : [[line, candidate.error] as [number, string]],
  )
}

describe('the rows of a file', () => {
  it('are read by the names of the columns, in any order, with others between', () => {
    const checked = check(
      'state, college ,team,id,email,last_name,first_name',
      'x,college-1,team-ABC,7, ada@example.org ,Lovelace," Ada "',
    )
    expect(checked).toMatchObject({
      value: [
        {
          line: 2,
          candidate: {
            value: {
              first_name: 'Ada',
              last_name: 'Lovelace',
              email: 'ada@example.org',
              team: 'team-ABC',
              college: 'college-1',
            },
          },
        },
      ],
    })
  })

  it('are errors by themselves, each with its line and column', () => {
    expect(
      errorsOf(
        HEADER,
        'Ada,Lovelace,ada@example.org,team-ABC,college-1',
        '=1+1,Lovelace,b@example.org,team-ABC,college-1',
        'Ada,"\t@SUM(1)",c@example.org,team-ABC,college-1',
        'Ada,Love\0lace,d@example.org,team-ABC,college-1',
        Buffer.concat([
          Buffer.from('Jos'),
          Buffer.from([0xe9]),
          Buffer.from(',L,e@example.org,team-ABC,college-1'),
        ]),
        'Ada,Lovelace,nobody,team-ABC,college-1',
        `Ada,${'x'.repeat(FIELD_MAX + 1)},f@example.org,team-ABC,college-1`,
        'Ada,Lovelace,g@example.org,team-ABC',
        'Ada,Lovelace,h@example.org,team-ABC,',
        'Ada,Lovelace,ada@example.org,team-ABC,college-1',
        'Ada,Byron,ADA@example.org,team-ABC,college-1',
        'Ada,"Two\r\nlines",i@example.org,team-ABC,college-1',
        'Ada,Lovelace,"j@example.org\r\nBcc: x@example.org",team-ABC,college-1',
      ),
    ).toEqual([
      [3, expect.stringMatching(/^first_name: .*formula/)],
      [4, expect.stringMatching(/^last_name: .*formula/)],
      [5, expect.stringMatching(/^last_name: .*control/)],
      [6, expect.stringMatching(/^first_name: .*UTF-8/)],
      [7, expect.stringMatching(/^email: /)],
      [8, expect.stringMatching(/^last_name: .*256/)],
      [9, expect.stringMatching(/4 cells.*5 columns/)],
      [10, expect.stringMatching(/^college: .*empty/)],
      [11, 'is the same as line 2'],
      [12, 'email: is that of line 2 too'],
      [13, expect.stringMatching(/^last_name: .*control/)],
      [15, expect.stringMatching(/^email: /)],
    ])
  })

  it('end where a quote is never closed, which names line and column', () => {
    const good = 'Ada,Lovelace,ada@example.org,team-ABC,college-1'
    expect(errorsOf(HEADER, good, 'Bob,"By ron,b@example.org,team-ABC,college-1', good)).toEqual([
      [3, 'last_name: a quote is never closed'],
    ])
  })

  it.each([
    ['nothing', [''], 'the file is empty'],
    ['only columns', [HEADER], 'no row'],
    [
      'a column missing',
      ['first_name,last_name,email,team', 'a,b,c@d.ee,e'],
      'line 1: the column college is missing',
    ],
    ['a column twice', [`${HEADER},email`, 'a,b,c@d.ee,e,f,g'], 'line 1: the column email is there twice'],
    [
      'columns of another separator',
      [HEADER.replaceAll(',', ';'), 'a;b;c@d.ee;e;f'],
      'the column first_name is missing',
    ],
    ['a quote open in the columns', [`"${HEADER}`], 'line 1: a quote is never closed'],
    ['one row too many', [HEADER, ...Array<string>(IMPORT_ROWS + 1).fill('a')], '2000 rows'],
  ])('are none in a file with %s', (_what, lines, error) => {
    expect(check(...lines)).toEqual({ ok: false, error: expect.stringContaining(error) as string })
  })

  it('are none in UTF-16', () => {
    const bytes = Buffer.from(`\ufeff${HEADER}\r\na,b,c@d.ee,e,f\r\n`, 'utf16le')
    expect(checkRows(readCsv(bytes))).toEqual({
      ok: false,
      error: expect.stringMatching(/^line 1: .*UTF-8/) as string,
    })
  })
})

describe('what is exported', () => {
  const row: QueuedRegistration = {
    id: 1,
    first_name: '=1+1',
    last_name: 'a;=2',
    email: '+a@example.org',
    team: 'team-"x"',
    team_known: false,
    leader: 'teacher',
    college: 'college-1',
    created: 0,
    state: 'waiting',
  }
  const exported = async (...rows: QueuedRegistration[]) =>
    buffer(
      writeRegistrations(
        (async function* () {
          yield rows
        })(),
      ),
    )

  it('is RFC 4180 with a byte order mark, CRLF, quoted cells and no formula', async () => {
    expect(
      (
        await exported(row, {
          ...row,
          state: 'rejected',
          decided_by: 'admin',
          decided_at: 1000,
          reason: '@x',
        })
      ).toString(),
    ).toBe(
      '\ufeff"id","first_name","last_name","email","team","team_known","leader","college","created","state","userid","decided_by","decided_at","reason"\r\n' +
        `"1","'=1+1","a;=2","'+a@example.org","team-""x""","false","teacher","college-1","1970-01-01T00:00:00.000Z","waiting",,,,\r\n` +
        `"1","'=1+1","a;=2","'+a@example.org","team-""x""","false","teacher","college-1","1970-01-01T00:00:00.000Z","rejected",,"admin","1970-01-01T00:00:01.000Z","'@x"\r\n`,
    )
  })

  it('has its columns also where nobody waits', async () => {
    expect((await exported()).toString()).toMatch(/^\ufeff"id","first_name"[^\r]*\r\n$/)
  })

  it('can be imported, whoever they are, and is the same', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '=', '+', '@', ',', ';', '"', ' ', 'é', '李', 'x') }),
    )
    const registration = fc.record({
      first_name: text,
      last_name: text,
      email: fc.emailAddress(),
      team: text,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(registration, { selector: ({ email }) => email.toLowerCase() }),
        async (given) => {
          const taken = given.map(parseRegistration).flatMap((one) => (one.ok ? [one.value] : []))
          const checked = checkRows(readCsv(await exported(...taken.map((one) => ({ ...row, ...one })))))
          // A file without rows is none that can be imported.
          const back = checked.ok ? checked.value.map(({ candidate }) => candidate) : []
          expect(back).toEqual(taken.map((one) => ({ ok: true, value: { ...one, college: row.college } })))
        },
      ),
    )
  })
})
