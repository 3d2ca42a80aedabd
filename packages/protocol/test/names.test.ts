import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameKey, parseEmail, parsePassword, parseUsername } from '../src/names.ts'

describe('a username', () => {
  test.each([
    'a',
    'Alice',
    'Zoë',
    '李雷',
    'a b',
    '__proto__',
    'constructor',
    'x'.repeat(64),
    '😀'.repeat(64),
  ])('can be %s', (name) => {
    expect(parseUsername(name)).toMatchObject({ ok: true, value: { name } })
  })

  test.each([
    ['nothing', '', 'at least one'],
    ['too long', 'x'.repeat(65), '64 characters'],
    ['a control character', 'a\u0000b', 'control'],
    ['a line break', 'a\nb', 'control'],
    ['a right-to-left override', 'a\u202eb', 'format'],
    ['a zero-width space', 'a\u200bb', 'format'],
    ['a zero-width joiner', 'a\u200db', 'format'],
    ['a lone surrogate', 'a\ud800', 'surrogate'],
    ['a space at the start', ' a', 'space'],
    ['a wide space at the end', 'a\u3000', 'space'],
    ['only spaces', '  ', 'space'],
    ['an @', 'a@b', '@'],
    ['a comma', 'a,b', ','],
    ['a slash', 'a/b', '/'],
    ['a backslash', 'a\\b', '\\'],
  ])('cannot be or hold %s, and the error says so', (_what, name, why) => {
    const result = parseUsername(name)
    expect(result.ok).toBe(false)
    if (!result.ok) expect(result.error).toContain(why)
  })

  test('is kept as NFC and compared as NFKC in lower case', () => {
    expect(parseUsername('Zoe\u0308')).toEqual({ ok: true, value: { name: 'Zoë', key: 'zoë' } })
    expect(nameKey('ＡLICE')).toBe(nameKey('alice'))
  })

  test('of nothing but ASCII letters, digits, `_`, `.` and `-` is itself, and found by its key', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.-]{1,64}$/), (raw) => {
        expect(parseUsername(raw)).toEqual({
          ok: true,
          value: { name: raw.normalize('NFC'), key: nameKey(raw) },
        })
      }),
    )
  })

  test('that was accepted is accepted again, as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (raw) => {
        const once = parseUsername(raw)
        if (once.ok) expect(parseUsername(once.value.name)).toEqual(once)
      }),
    )
  })
})

describe('an e-mail address', () => {
  test.each(['a@b.org', 'First.Last+tag@sub.example.co.uk', 'ü@exämple.de', ' trimmed@example.org '])(
    'can be %s',
    (email) => {
      expect(parseEmail(email)).toMatchObject({ ok: true, value: { name: email.trim() } })
    },
  )

  test.each([
    '',
    'a',
    'a@',
    '@b.org',
    'a@b',
    'a@b.',
    'a b@c.org',
    'a@b..org',
    'a@b.org\r\nBcc: x@y.z',
    'a@@b.org',
    '<a@b.org>',
    `${'x'.repeat(65)}@b.org`,
    `a@${'b'.repeat(250)}.org`,
  ])('cannot be %j', (email) => expect(parseEmail(email).ok).toBe(false))
})

test('a password is 1 to 1,024 bytes of anything', () => {
  expect(parsePassword('').ok).toBe(false)
  expect(parsePassword(' ').ok).toBe(true)
  expect(parsePassword('ä'.repeat(512)).ok).toBe(true)
  expect(parsePassword('ä'.repeat(513)).ok).toBe(false)
})
