import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLetter, type Signal } from '../app/pages/spaces/signals.ts'

const signals: Signal[] = [
  { kind: 'hello', from: 'a' },
  { kind: 'welcome', from: 'a' },
  { kind: 'offer', from: 'a', to: 'b', sdp: 'v=0' },
  { kind: 'answer', from: 'a', to: 'b', sdp: '' },
  { kind: 'candidate', from: 'a', to: 'b', candidate: '', mid: null, line: 0 },
]

test.each(signals)('what one page tells another is understood: $kind', (signal) => {
  expect(readLetter({ console: 1, space: 'tea', signal }, 'tea')).toEqual(signal)
  expect(readLetter({ console: 1, space: 'tea', signal }, 'other')).toBeUndefined()
})

test('anything else is nothing', () => {
  for (const signal of [null, 1, 'x', {}, { kind: 'hello' }, { kind: 'offer', from: 'a', to: 'b', sdp: 1 }])
    expect(readLetter({ console: 1, space: 'tea', signal }, 'tea')).toBeUndefined()
  fc.assert(fc.property(fc.jsonValue(), (data) => void expect(readLetter(data, 'tea')).toBeUndefined()))
})
