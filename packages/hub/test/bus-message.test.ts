import type { Envelope } from '@switchboard/protocol/bus'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, decodeProbe, encodeMessage, encodeProbe, senderLine } from '../src/bus-message.ts'

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

test('an envelope reaches every other process as it was published, and the publishing one not again', () => {
  fc.assert(
    fc.property(processes, processes, envelopes, (from, to, envelope) => {
      const got = decodeMessage(encodeMessage(from, envelope as Envelope), senderLine(to))
      expect(got).toEqual(from === to ? undefined : envelope)
    }),
  )
})

test('bytes that are no message are nothing, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeMessage(Buffer.from(bytes), senderLine('p1'))).toBeUndefined()
    }),
  )
  for (const text of ['', '\n', 'p2\n', 'p2\n{}\nx', 'p2\n{"topic":""}\nx', '\n{"topic":"t"}\nx'])
    expect(decodeMessage(Buffer.from(text), senderLine('p1'))).toBeUndefined()
})

test('a probe is none of the messages, and no message is a probe', () => {
  expect(decodeProbe(encodeProbe(17))).toBe(17)
  fc.assert(
    fc.property(processes, envelopes, (from, envelope) => {
      expect(decodeProbe(encodeMessage(from, envelope as Envelope))).toBeUndefined()
    }),
  )
})
