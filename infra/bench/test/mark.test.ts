import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MarkScanner, textOf } from '../src/load/mark.ts'

interface Said {
  publisher: number
  sequence: number
}

const said = fc.record({
  publisher: fc.integer({ min: 0, max: 9999 }),
  sequence: fc.integer({ min: 0, max: 99_999_999 }),
})

const around = fc.string({ unit: fc.constantFrom('a', '@', '.', '"', '1', '{'), maxLength: 30 })

test('every mark is found once and in order, however many messages a frame holds and whatever stands around', () => {
  fc.assert(
    fc.property(fc.array(fc.array(said, { maxLength: 4 })), around, around, (frames, before, after) => {
      const found: Said[] = []
      const scanner = new MarkScanner<string>((who, publisher, sequence) => {
        expect(who).toBe('me')
        found.push({ publisher, sequence })
      })
      for (const frame of frames) {
        const messages = frame.map(
          ({ publisher, sequence }) => `${before}${textOf(publisher, sequence)}${after}`,
        )
        // What a frame does not reach must not be looked at.
        const bytes = Buffer.from(`${textOf(1, 2)}[${messages.join(',')}]${textOf(3, 4)}`)
        const edge = textOf(0, 0).length
        expect(scanner.scan('me', bytes, edge, bytes.length - edge)).toBe(frame.length)
      }
      expect(found).toEqual(frames.flat())
    }),
  )
})

test('texts have one length, whoever says which message', () => {
  expect(
    new Set([textOf(0, 0), textOf(9999, 99_999_999), textOf(7, 12)].map(({ length }) => length)).size,
  ).toBe(1)
})
