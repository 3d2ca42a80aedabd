import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LDIF_LIMITS, parseLdif } from '../src/domain/ldif.ts'
import { rosterOf } from '../src/domain/roster.ts'

const MIB = 1024 * 1024

const errorOf = (text: string): string => {
  const parsed = parseLdif(text)
  if (parsed.ok) throw new Error('taken')
  return parsed.error
}

describe('an LDIF made to hurt', () => {
  it('has a line of a mebibyte, and no longer one, written at once or folded', () => {
    const value = 'x'.repeat(LDIF_LIMITS.line - 4)
    const fold = (text: string) => text.replaceAll(/.{100}/g, '$&\n ')
    for (const write of [(text: string) => text, fold]) {
      expect(parseLdif(write(`dn: ${value}`))).toMatchObject({ ok: true, value: [{ dn: value }] })
      expect(errorOf(`dn: a\n${write(`cn: ${value}x`)}`)).toBe('line 2: has over 1048576 characters')
    }
  })

  it('is read in one go where a line is folded at every character', () => {
    expect(errorOf(`dn: a\ncn: ${'\n x'.repeat(4 * MIB)}`)).toBe('line 2: has over 1048576 characters')
  })

  it.each([
    ['empty lines', '\n'.repeat(8 * MIB)],
    ['comments', '#\n'.repeat(2 * MIB)],
    ['a comment folded', `#${'\n x'.repeat(4 * MIB)}`],
  ])('is no entry where it is %s', (_what, text) => {
    expect(parseLdif(text)).toEqual({ ok: true, value: [] })
  })

  it('has so many entries and lines, and no more', () => {
    const entries = 'dn: a\n\n'.repeat(LDIF_LIMITS.entries)
    expect(parseLdif(entries).ok).toBe(true)
    expect(errorOf(`${entries}dn: b\n`)).toBe('line 400001: there are over 200000 entries')
    expect(errorOf(`dn: a\n${'b:\n'.repeat(LDIF_LIMITS.lines)}`)).toBe(
      'line 2000001: there are over 2000000 lines',
    )
  })

  it('may have a megabyte of base64, and says where that is none', () => {
    const base64 = Buffer.alloc(700_000, 'ä').toString('base64')
    expect(parseLdif(`dn:: ${base64}`)).toMatchObject({ ok: true })
    for (const bad of [`${base64}=`, `${base64}*`, '='.repeat(MIB - 100), `${'='.repeat(MIB - 103)}AAA`])
      expect(errorOf(`dn: a\ncn:: ${bad}`)).toBe('line 2: not base64')
  })

  it('may name things as deeply as it likes: nobody takes a DN apart', () => {
    const dn = Array.from({ length: 50_000 }, (_, depth) => `ou=${depth}`).join(',')
    expect(parseLdif(`dn: ${dn}`)).toMatchObject({ ok: true, value: [{ dn }] })
  })

  it('is refused in one short line that repeats nothing of it', () => {
    const hostile = fc.constantFrom(
      'dn: \u001b[2Jsecret',
      'dn:: c2VjcmV0',
      'cn:< file:///secret',
      'secret',
      'changetype: secret',
      ' secret',
      'cn:: secret*',
      'version: secret',
      '',
    )
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1 }), (lines) => {
        const parsed = parseLdif(lines.join('\n'))
        if (parsed.ok) return
        expect(parsed.error).toMatch(/^line \d+: [^\n]{1,60}$/)
        expect(parsed.error).not.toContain('secret')
      }),
    )
  })
})

describe('people and groups made to hurt', () => {
  const person = (index: number) => `dn: a\nobjectClass: inetOrgPerson\nuid: u${index}\ncn: A\nsn: B\n\n`
  const group = (index: number, members: string) =>
    `dn: b\nobjectClass: posixGroup\ncn: team-${index}\n${members}\n`

  it('are put together in one go, however many there are of both', () => {
    const people = Array.from({ length: 20_000 }, (_, index) => person(index)).join('')
    const groups = Array.from({ length: 20_000 }, (_, index) =>
      group(index, `memberUid: u${index}\nmemberUid: u0\n`),
    ).join('')
    const entries = parseLdif(people + groups)
    const roster = entries.ok ? rosterOf(entries.value) : entries
    if (!roster.ok) throw new Error(roster.error)
    expect(roster.value.people).toHaveLength(20_000)
    expect(roster.value.people[0]?.teams).toHaveLength(20_000)
    expect(roster.value.people.at(-1)?.teams).toEqual(['team-19999'])
  })

  it.each([
    ['a college that is a filter', 'college-*)(uid=*', 'line 1: cn: a college has a name such as college-1'],
    ['a college that is no more than that', 'college-', 'line 1: cn: a college has a name such as college-1'],
    ['a team with a comma', 'team-a,ou=users', 'line 1: cn: a team has a name such as team-ABC'],
    ['a team of 10 kB', `team-${'x'.repeat(10_000)}`, 'line 1: cn: a team has a name such as team-ABC'],
  ])('are refused with %s', (_what, name, error) => {
    const entries = parseLdif(`dn: a\nobjectClass: posixGroup\ncn: ${name}\n`)
    expect(entries.ok && rosterOf(entries.value)).toEqual({ ok: false, error })
  })
})
