import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSeal } from '../../src/mail/seal.ts'

const OLD = 'a-secret-of-thirty-two-bytes-or-more'
const NEW = 'another-secret-of-thirty-two-bytes-or-more'

describe('a seal', () => {
  it('opens what it closed, whatever it is, and shows nothing of it', () => {
    const seal = createSeal([OLD])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, bound) => {
        const sealed = seal.close(text, bound)
        expect(seal.open(sealed, bound)).toBe(text)
        if (text.length > 3) expect(sealed.includes(Buffer.from(text))).toBe(false)
      }),
    )
  })

  it('never closes the same text to the same bytes', () => {
    const seal = createSeal([OLD])
    expect(seal.close('text', 'id')).not.toEqual(seal.close('text', 'id'))
  })

  it('opens what an earlier secret closed, as long as that is kept', () => {
    const sealed = createSeal([OLD]).close('text', 'id')
    expect(createSeal([NEW, OLD]).open(sealed, 'id')).toBe('text')
    expect(createSeal([NEW]).open(sealed, 'id')).toBeUndefined()
  })

  it('does not open what is bound to something else, nor what was changed or cut, nor anything at all', () => {
    const seal = createSeal([OLD])
    const sealed = seal.close('text', 'id')
    expect(seal.open(sealed, 'another')).toBeUndefined()
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(seal.open(changed, 'id')).toBeUndefined()
      expect(seal.open(sealed.subarray(0, at), 'id')).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(seal.open(bytes, 'id')).toBeUndefined()
      }),
    )
  })
})
