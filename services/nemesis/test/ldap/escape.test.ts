import { type LiveSlapd, liveSlapd, SLAPD_BASE, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import fc from 'fast-check'
import { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { equals, startsWith } from '../../src/ldap/filters.ts'
import { escapeDn, layout } from '../../src/ldap/layout.ts'
import { hasSlapd } from '../support/slapd.ts'
import { EMPTY_LDIF } from './support.ts'

/** As RFC 4514 §3 says, from its grammar: the value that a DN's part stands for, or `undefined` where it is none. */
function parseValue(text: string): string | undefined {
  const pair = /\\(?:[ "#+,;<=>\\]|[0-9a-fA-F]{2})/y
  const bytes: Buffer[] = []
  for (let at = 0; at < text.length; ) {
    pair.lastIndex = at
    const [escaped] = pair.exec(text) ?? []
    if (escaped !== undefined) {
      bytes.push(escaped.length === 3 ? Buffer.from(escaped.slice(1), 'hex') : Buffer.from(escaped.slice(1)))
      at += escaped.length
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    if (/["+,;<>\\\0]/.test(character)) return undefined
    if (at === 0 && /[ #]/.test(character)) return undefined
    if (at === text.length - 1 && character === ' ') return undefined
    bytes.push(Buffer.from(character))
    at += character.length
  }
  return Buffer.concat(bytes).toString()
}

/** Rich in what is special to DNs and filters. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...' #"+,;<>=\\*()&|!~/\0\n', 'a', 'Ü', '語', '😀'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 40,
})

test('every value comes back out of the DN that it was put into', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      expect(parseValue(escapeDn(value))).toBe(value.toWellFormed())
    }),
  )
})

test.each([
  ['James "Jim" Smith, III', 'James \\"Jim\\" Smith\\, III'],
  [' #', '\\ #'],
  ['# ', '\\#\\ '],
  [' ', '\\ '],
  ['a=b', 'a\\=b'],
  ['Before\rAfter\0', 'Before\rAfter\\00'],
])('%j is written %j', (value, written) => {
  expect(escapeDn(value)).toBe(written)
})

describe.skipIf(!hasSlapd)('on slapd', () => {
  const where = layout(SLAPD_BASE)
  let slapd: LiveSlapd
  let client: Client
  beforeAll(async () => {
    slapd = await liveSlapd({ ldif: EMPTY_LDIF })
    client = new Client({ url: slapd.url })
    await client.bind(SLAPD_MANAGER.dn, SLAPD_MANAGER.password)
  })
  afterAll(async () => {
    await client.unbind()
    await slapd[Symbol.asyncDispose]()
  })

  it('makes the entry that was meant, right below its parent, and finds it and no other', async () => {
    await client.add(where.groupDn('other'), { objectClass: 'posixGroup', cn: 'other', gidNumber: '1' })
    // Control characters are nothing to a server or a space, and a name of nothing is none (RFC 4518 §2.2).
    // Case is nothing to it either: what `other` begins with finds that one, too.
    const names = hostile.filter(
      (value) =>
        !/\p{Cc}/u.test(value) && value.trim() !== '' && !'other'.startsWith(value.trim().toLowerCase()),
    )
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const dn = where.groupDn(name)
        // slapd refuses an entry whose attributes do not have the value that its DN has.
        await client.add(dn, { objectClass: 'posixGroup', cn: name, gidNumber: '2', description: 'this' })
        for (const filter of [equals('cn', name), startsWith('cn', name.trim())]) {
          const { searchEntries } = await client.search(where.groups, { scope: 'one', filter })
          expect(searchEntries).toMatchObject([{ cn: name, description: 'this' }])
        }
        await client.del(dn)
      }),
    )
  })
})
