import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfPong, endOfTextFrame, textOf, textSize } from '../src/text-frame.ts'
import { clientFrame, masks } from './client-frame.ts'

const offsets = fc.integer({ min: 0, max: 20 })
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.toWellFormed()),
  fc.string({ minLength: 120, maxLength: 132 }),
  fc.integer({ min: 65_530, max: 65_535 }).map((length) => 'x'.repeat(length)),
)

describe('a text frame of a client', () => {
  it('is found and read wherever it stands, and the bytes around it stay', () =>
    fc.assert(
      fc.property(texts, masks, offsets, offsets, (text, mask, before, behind) => {
        const payload = Buffer.from(text)
        if (payload.length > 65_535) return
        const frame = clientFrame(0x81, payload, mask)
        const bytes = Buffer.concat([Buffer.alloc(before, 7), frame, Buffer.alloc(behind, 9)])
        const end = endOfTextFrame(bytes, before, bytes.length)
        expect(end).toBe(before + frame.length)
        expect(textSize(bytes, before, end)).toBe(payload.length)
        expect(textOf(bytes, before, end)).toBe(text)
        expect(bytes.subarray(0, before).every((byte) => byte === 7)).toBe(true)
        expect(bytes.subarray(end).every((byte) => byte === 9)).toBe(true)
      }),
    ))

  it('is none while a byte of it is missing', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 140 }), masks, fc.nat(), (text, mask, seed) => {
        const frame = clientFrame(0x81, Buffer.from(text), mask)
        expect(endOfTextFrame(frame, 0, seed % frame.length)).toBe(0)
      }),
    ))

  it('that is not UTF-8 is not read, and left as it was', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), masks, (payload, mask) => {
        const bytes = Buffer.concat([Buffer.from([0xff]), payload])
        const frame = clientFrame(0x81, bytes, mask)
        const before = Buffer.from(frame)
        expect(textOf(frame, 0, frame.length)).toBe(undefined)
        expect(frame.equals(before)).toBe(true)
      }),
    ))

  it('is nothing else: another opcode, a part, a bit that is reserved, no mask, a length of 64 bits', () => {
    const payload = Buffer.from('text')
    const mask = Buffer.from('mask')
    for (const first of [0x01, 0x80, 0x82, 0x88, 0x89, 0x8a, 0xc1, 0xa1, 0x91]) {
      const frame = clientFrame(first, payload, mask)
      expect(endOfTextFrame(frame, 0, frame.length)).toBe(0)
    }
    expect(endOfTextFrame(Buffer.from([0x81, 4, ...payload, ...mask]), 0, 10)).toBe(0)
    const large = clientFrame(0x81, Buffer.alloc(65_536), mask)
    expect(endOfTextFrame(large, 0, large.length)).toBe(0)
  })

  it('makes no bytes at all throw', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(60), (noise, start) => {
        const bytes = Buffer.from(noise)
        const end = endOfTextFrame(bytes, start, bytes.length)
        expect(end === start || (end > start && end <= bytes.length)).toBe(true)
        if (end > start) textOf(bytes, start, end)
      }),
    ))
})

describe('a pong of a client', () => {
  const payloads = fc.uint8Array({ maxLength: 125 })

  it('is found wherever it stands, and is none while a byte of it is missing', () =>
    fc.assert(
      fc.property(payloads, masks, offsets, offsets, fc.nat(), (payload, mask, before, behind, seed) => {
        const frame = clientFrame(0x8a, payload, mask)
        const bytes = Buffer.concat([Buffer.alloc(before, 7), frame, Buffer.alloc(behind, 9)])
        expect(endOfPong(bytes, before, bytes.length)).toBe(before + frame.length)
        expect(endOfPong(bytes, before, before + (seed % frame.length))).toBe(before)
      }),
    ))

  it('is nothing else: another opcode, a bit that is reserved, no mask, more than a control frame holds', () => {
    const mask = Buffer.from('mask')
    for (const first of [0x01, 0x0a, 0x81, 0x82, 0x88, 0x89, 0xca, 0xaa, 0x9a])
      expect(endOfPong(clientFrame(first, Buffer.from('text'), mask), 0, 10)).toBe(0)
    expect(endOfPong(Buffer.from([0x8a, 4, ...mask, ...mask]), 0, 10)).toBe(0)
    const large = clientFrame(0x8a, Buffer.alloc(126), mask)
    expect(endOfPong(large, 0, large.length)).toBe(0)
  })
})
