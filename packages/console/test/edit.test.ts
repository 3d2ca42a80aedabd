import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editBetween, moved } from '../app/pages/spaces/edit.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', '🤖'), maxLength: 12 })

test('an edit leads from one text to the other, and takes no more than the place that differs', () => {
  fc.assert(
    fc.property(text, text, text, text, (start, before, after, end) => {
      const { at, removed, inserted } = editBetween(start + before + end, start + after + end)
      const whole = start + before + end
      expect(whole.slice(0, at) + inserted + whole.slice(at + removed)).toBe(start + after + end)
      expect(removed).toBeLessThanOrEqual(before.length)
      expect(inserted.length).toBeLessThanOrEqual(after.length)
    }),
  )
})

test('an edit never takes half of a character', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { at, removed, inserted } = editBetween(before, after)
      for (const piece of [before.slice(0, at), before.slice(at, at + removed), inserted])
        expect(piece.isWellFormed()).toBe(true)
    }),
  )
})

test('a cursor stays where it was in the text, whatever others write', () => {
  expect(moved(5, [{ insert: 'abc' }])).toBe(8)
  expect(moved(5, [{ retain: 5 }, { insert: 'abc' }])).toBe(8)
  expect(moved(5, [{ retain: 6 }, { insert: 'abc' }])).toBe(5)
  expect(moved(5, [{ delete: 3 }])).toBe(2)
  expect(moved(5, [{ retain: 4 }, { delete: 3 }])).toBe(4)
  expect(moved(5, [{ retain: 1 }, { insert: 'xy' }, { delete: 1 }, { retain: 9 }, { insert: 'z' }])).toBe(6)
})
