import { expect, test } from 'vitest'
import { firstOf, valuesOf } from '../../src/ldap/entry.ts'

test('attributes are known in whatever case a server writes them, with one value or several', () => {
  const entry = { dn: 'cn=x', memberuid: ['ada', 'bob'], CN: 'x', mail: [] }
  expect(valuesOf(entry, 'memberUid')).toEqual(['ada', 'bob'])
  expect(firstOf(entry, 'cn')).toBe('x')
  expect(firstOf(entry, 'mail')).toBe(undefined)
  expect(firstOf(entry, 'description')).toBe(undefined)
})

test('values that are no text are left out', () => {
  expect(firstOf({ dn: 'cn=x', cn: Buffer.from('ff', 'hex') }, 'cn')).toBe(undefined)
  expect(valuesOf({ dn: 'cn=x', cn: [Buffer.from('ff', 'hex')] }, 'cn')).toEqual([])
})
