import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTwice, toAscii } from '../src/routes/old-polling.ts'

const text = fc.string({ unit: 'grapheme' })

test('JSON in ASCII is the same JSON', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        text.map((one) => JSON.stringify(one)),
      ),
      (json) => {
        const ascii = toAscii(json)
        expect(ascii).toMatch(/^[\x20-\x7e]*$/)
        expect(JSON.parse(ascii)).toEqual(JSON.parse(json))
      },
    ),
  )
})

test('what was encoded twice is decoded twice', () => {
  fc.assert(
    fc.property(text, (one) => {
      expect(decodeTwice(Buffer.from(one).toString('latin1'))).toBe(one)
    }),
  )
})

test.each(['plain', '', 'é alone', 'Größe', '日本', 'Ã© und 日', '\u00ff\u00fe'])(
  '%s stays as it is',
  (one) => {
    expect(decodeTwice(one)).toBe(one)
  },
)
