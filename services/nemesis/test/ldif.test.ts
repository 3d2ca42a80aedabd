import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, parseLdif } from '../src/domain/ldif.ts'

const entry = (line: number, dn: string, attributes: Record<string, string[]>): Entry => ({
  line,
  dn,
  attributes: new Map(Object.entries(attributes)),
})

const read = (...lines: string[]) => parseLdif(lines.join('\n'))
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64')

describe('LDIF', () => {
  it('is entries of attributes, with comments and several empty lines between', () => {
    expect(
      read(
        'version: 1',
        '# people',
        'dn: uid=a,o=sr',
        'uid: a',
        'CN:Ada',
        'mail: x',
        'mail: y',
        '',
        '',
        '',
        'dn: o=sr',
        'o: sr',
      ),
    ).toEqual({
      ok: true,
      value: [
        entry(3, 'uid=a,o=sr', { uid: ['a'], cn: ['Ada'], mail: ['x', 'y'] }),
        entry(11, 'o=sr', { o: ['sr'] }),
      ],
    })
  })

  it('folds long lines, comments too, and may end its lines with CR LF', () => {
    expect(
      parseLdif('dn: uid=a,\r\n o=sr\r\n# a comment\r\n that goes on\r\nsn: Love\r\n  lace\r\n'),
    ).toEqual({
      ok: true,
      value: [entry(1, 'uid=a,o=sr', { sn: ['Love lace'] })],
    })
  })

  it('carries any text in base64', () => {
    expect(read(`dn:: ${base64('uid=Ζωή,o=sr')}`, `cn:: ${base64(' a\n#b: ')}`)).toEqual({
      ok: true,
      value: [entry(1, 'uid=Ζωή,o=sr', { cn: [' a\n#b: '] })],
    })
  })

  it('leaves out values that are no text', () => {
    const photo = base64(Buffer.from([0xff, 0xd8, 0xff]))
    expect(read('dn: o=sr', `jpegPhoto:: ${photo}`, 'o: sr')).toEqual({
      ok: true,
      value: [entry(1, 'o=sr', { o: ['sr'] })],
    })
  })

  it('knows prototype names for ordinary ones, and options of attributes', () => {
    const read1 = read('dn: o=sr', 'constructor: x', 'cn;lang-el: Ζωή', 'empty:')
    expect(read1).toEqual({
      ok: true,
      value: [entry(1, 'o=sr', { constructor: ['x'], 'cn;lang-el': ['Ζωή'], empty: [''] })],
    })
  })

  it.each([
    [
      'a reference, which could read any file',
      ['dn: o=sr', 'cn:< file:///etc/passwd'],
      'line 2: values by reference',
    ],
    ['an entry without dn', ['cn: x'], 'line 1: an entry starts with "dn:"'],
    ['a line without colon', ['dn: o=sr', 'what'], 'line 2: neither'],
    ['a folded line after an empty one', ['dn: o=sr', '', ' x: y'], 'line 3: neither'],
    ['base64 that is none', ['dn: o=sr', 'cn:: ***'], 'line 2: not base64'],
    ['a change that deletes', ['dn: o=sr', 'changetype: delete'], 'line 2: only entries'],
    ['another version', ['version: 2', '', 'dn: o=sr'], 'line 1: only version 1'],
    ['HTML', ['<!doctype html>'], 'line 1: neither'],
  ])('refuses %s, and names the line', (_what, lines, error) => {
    const parsed = read(...lines)
    if (parsed.ok) throw new Error('taken')
    expect(parsed.error).toContain(error)
  })

  it('of nothing is no entry', () => {
    for (const text of ['', '\n\n', '\ufeff', '# only a comment'])
      expect(parseLdif(text)).toEqual({ ok: true, value: [] })
  })

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom('dn: a', 'b: c', ' d', '', '#', 'e:: Zg==')),
        (text, lines) => {
          expect(parseLdif(text)).toHaveProperty('ok')
          expect(parseLdif(lines.join('\n'))).toHaveProperty('ok')
        },
      ),
    )
  })

  it('gives back what was written, folded at any width', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1 })
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((one) => one !== 'changetype')
    const fold = (line: string, width: number) =>
      line.match(new RegExp(`.{1,${width}}`, 'gs'))?.join('\n ') ?? ''
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.array(value, { minLength: 1, maxLength: 3 }), { noNullPrototype: true }),
        value,
        fc.integer({ min: 5, max: 80 }),
        (attributes, dn, width) => {
          const lines = Object.entries(attributes).flatMap(([key, values]) =>
            values.map((one) => `${key}:: ${base64(one)}`),
          )
          const text = [`dn:: ${base64(dn)}`, ...lines].map((line) => fold(line, width)).join('\n')
          expect(parseLdif(text)).toEqual({ ok: true, value: [entry(1, dn, attributes)] })
        },
      ),
    )
  })

  it('of a megabyte in one group is read at once', () => {
    const members = Array.from({ length: 50_000 }, (_, index) => `memberUid: student_${index}`)
    const parsed = read('dn: cn=college-1,o=sr', ...members)
    expect(parsed.ok && parsed.value[0]?.attributes.get('memberuid')).toHaveLength(50_000)
  })
})
