import type { Envelope } from '@switchboard/protocol/bus'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, decodeProbe, encodePart, encodeProbe, senderLine } from '../src/bus-message.ts'

const processes = fc.stringMatching(/^[0-9a-z]{1,32}$/)
const envelopes = fc.record(
  {
    topic: fc.string({ minLength: 1, unit: 'binary' }),
    except: fc.string(),
    seq: fc.integer({ min: 1 }),
    payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['topic', 'payload'] },
)

const encodeMessage = (process: string, published: object[]): Buffer =>
  Buffer.concat([senderLine(process), ...published.map((one) => encodePart(one as Envelope))])

test('envelopes reach every other process as they were published, and the publishing one not again', () => {
  fc.assert(
    fc.property(processes, processes, fc.array(envelopes), (from, to, published) => {
      const got = decodeMessage(encodeMessage(from, published), senderLine(to))
      expect(got).toEqual(from === to ? [] : published)
    }),
  )
})

test('of a message that was cut off, the envelopes that are whole', () => {
  fc.assert(
    fc.property(envelopes, envelopes, fc.integer({ min: 1 }), (first, second, cut) => {
      const whole = encodeMessage('p1', [first, second])
      const left = whole.subarray(0, whole.length - Math.min(cut, encodePart(second as Envelope).length))
      expect(decodeMessage(left, senderLine('p2'))).toEqual([first])
    }),
  )
})

test('bytes that are no message are nothing, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeMessage(Buffer.from(bytes), senderLine('p1'))).toEqual([])
    }),
  )
  for (const text of [
    '',
    '\n',
    'p2\n',
    'p2\n4\n{}\nx',
    'p2\n14\n{"topic":""}\nx',
    'p2\n-1\n{"topic":"t"}\nx',
    'p2\n99\n{"topic":"t"}\nx',
    '\n15\n{"topic":"t"}\nx',
  ])
    expect(decodeMessage(Buffer.from(text), senderLine('p1'))).toEqual([])
})

test('a probe is none of the messages, and no message is a probe', () => {
  expect(decodeProbe(encodeProbe(17))).toBe(17)
  fc.assert(
    fc.property(processes, envelopes, (from, envelope) => {
      expect(decodeProbe(encodeMessage(from, [envelope]))).toBeUndefined()
    }),
  )
})
