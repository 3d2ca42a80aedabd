import { parseUsername } from '@switchboard/protocol/names'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextUserid, useridPrefix } from '../src/domain/userid.ts'

const named = (firstName: string, lastName: string, college = 'college-1') =>
  useridPrefix({ firstName, lastName, college })

describe('what a userid begins with', () => {
  it.each([
    ['Ada', 'Lovelace', 'college-1', '1_al'],
    ['José', 'Ñandú', 'college-QMC', 'qmc_jn'],
    ['Élodie', 'ﬁnch', 'college-ÉCOLE', 'ecole_ef'],
    ['Ａｄａ', 'ℒovelace', 'college-１', '1_al'],
    ['李', 'Смирнов', 'college-1', '1_xx'],
    ["'t Hooft", '3Com', 'college-1', '1_tc'],
    ['Ada', 'Lovelace', 'college-a,b/c@d e', 'abcde_al'],
    ['Ada', 'Lovelace', 'college-北京', 'x_al'],
    ['Ada', 'Lovelace', 'college-', 'x_al'],
    ['Ada', 'Lovelace', 'college-college-x', 'college-x_al'],
  ])('is, for %s %s of %s, %s', (firstName, lastName, college, prefix) => {
    expect(named(firstName, lastName, college)).toBe(prefix)
  })
})

describe('a userid', () => {
  it('has the number 1, then the one after all that are used', () => {
    expect(nextUserid('1_al', [])).toBe('1_al1')
    expect(nextUserid('1_al', ['1_al1', '1_al2'])).toBe('1_al3')
    // A number is not given twice, so that an old mail or log never means somebody else.
    expect(nextUserid('1_al', ['1_al7'])).toBe('1_al8')
    expect(nextUserid('1_al', ['1_AL9', '1_al010', '1_al', '1_alice', '11_al20'])).toBe('1_al11')
  })

  it('is found at once whatever number a stranger takes', () => {
    expect(nextUserid('1_al', ['1_al9007199254740993', `1_al${'9'.repeat(59)}`])).toBe('1_al1')
    expect(nextUserid('1_al', ['1_al999999', '1_al1000000'])).toBe('1_al1000001')
  })

  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme' }))
  const names = fc.record({ firstName: text, lastName: text, college: text.map((x) => `college-${x}`) })

  it('of anybody is a possible username of plain letters', () => {
    fc.assert(
      fc.property(names, (person) => {
        const userid = nextUserid(useridPrefix(person), [])
        expect(userid).toMatch(/^[a-z0-9-]{1,40}_[a-z]{2}1$/)
        expect(parseUsername(userid)).toMatchObject({ ok: true })
      }),
    )
  })

  it('is free, and above every number in use', () => {
    const number = fc.oneof(fc.nat(20), fc.nat(), fc.bigInt(0n, 10n ** 30n))
    const used = fc.array(fc.tuple(fc.constantFrom('1_al', '1_AL', '1_ab', '1_al0'), number))
    fc.assert(
      fc.property(used, (pairs) => {
        const userids = pairs.map(([prefix, n]) => `${prefix}${n}`)
        const next = nextUserid('1_al', userids)
        expect(userids.map((userid) => userid.toLowerCase())).not.toContain(next)
        const numbers = userids
          .filter((userid) => /^1_al[0-9]{1,6}$/i.test(userid))
          .map((userid) => Number(userid.slice(4)))
        expect(Number(next.slice(4))).toBeGreaterThan(Math.max(0, ...numbers))
      }),
    )
  })
})
