import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Piece, piecesOfName, piecesOfText } from '../app/state/visible.ts'

const plain = (pieces: Piece[]) =>
  pieces.map((piece) => ('text' in piece ? piece.text : `<${piece.escape}>`)).join('')

test.each([
  ['alice', 'alice'],
  ['\u202Ealice', '<U+202E>alice'],
  ['a\u200Blice', 'a<U+200B>lice'],
  ['a\u2066b\u2069', 'a<U+2066>b<U+2069>'],
  ['\u3164', '<U+3164>'],
  ['a\nb\u0000', 'a<U+000A>b<U+0000>'],
  ['\ud800x', '<U+D800>x'],
  ['\u{e0041}', '<U+E0041>'],
  ['Ζωή नमस्ते 李雷 😀', 'Ζωή नमस्ते 李雷 😀'],
])('of the name %j all is seen', (name, seen) => {
  expect(plain(piecesOfName(name))).toBe(seen)
})

test.each([
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
  ['\u202Eevil\u202C', '<U+202E>evil<U+202C>'],
  ['\u001b[2J', '<U+001B>[2J'],
])('of the text %j only what deceives is written out', (text, seen) => {
  expect(plain(piecesOfText(text))).toBe(seen)
})

test('nothing is lost, and nothing is added', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const pieces of [piecesOfName(text), piecesOfText(text)]) {
        const again = pieces.map((piece) =>
          'text' in piece ? piece.text : String.fromCodePoint(Number.parseInt(piece.escape.slice(2), 16)),
        )
        expect(again.join('')).toBe(text)
      }
    }),
  )
})
