import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../src/bus.ts'

const envelopes = fc.record(
  {
    topic: fc.string({ minLength: 1, unit: 'binary' }),
    except: fc.string(),
    seq: fc.integer({ min: 1 }),
    id: fc.string(),
    payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['topic', 'payload'] },
)

test('an envelope comes out of the bus as it went in, its payload byte for byte', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      expect(decodeEnvelope(encodeEnvelope(envelope as Envelope))).toEqual({ ok: true, value: envelope })
    }),
  )
})

test('bytes that are no envelope are an error, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeEnvelope(Buffer.from(bytes)).ok).toBe(false)
    }),
  )
  expect(decodeEnvelope(Buffer.from('{"topic":"a","seq":0}\nx'))).toEqual({
    ok: false,
    error: 'seq: must be >= 1',
  })
})
