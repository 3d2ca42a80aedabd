import type { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as library from 'ws'
import { frameEach, frameText, payloadsOf } from '../src/framing.ts'

/** Public in `ws`, missing in its types. */
const { Receiver } = library as unknown as { Receiver: new (options: { isServer: boolean }) => Writable }

/** What `ws` itself reads from the bytes, in the chunks given. */
function read(...chunks: Buffer[]): Promise<{ text: string; binary: boolean }[]> {
  return new Promise((resolve, reject) => {
    const messages: { text: string; binary: boolean }[] = []
    const receiver = new Receiver({ isServer: false })
    receiver.on('message', (data: Buffer, binary: boolean) =>
      messages.push({ text: data.toString(), binary }),
    )
    receiver.on('error', reject)
    receiver.on('finish', () => resolve(messages))
    for (const chunk of chunks) receiver.write(chunk)
    receiver.end()
  })
}

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 20 })

describe('framing', () => {
  it('makes of each payload one text frame that ws reads back, in order, wherever the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(texts, fc.nat(), async (payloads, seed) => {
        const bytes = frameEach(payloads.map((text) => Buffer.from(text)))
        const cut = seed % (bytes.length + 1)
        const messages = await read(bytes.subarray(0, cut), bytes.subarray(cut))
        expect(messages).toEqual(
          payloads.map((text) => ({ text: Buffer.from(text).toString(), binary: false })),
        )
      }),
    ))

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 3_000_000])(
    'has the right header for %i bytes',
    async (length) => {
      const text = 'x'.repeat(length)
      const [message, ...more] = await read(frameText(text))
      // Not toEqual: it takes seconds to look at millions of bytes.
      expect(message?.text === text && !message.binary && more.length === 0).toBe(true)
      expect(frameText(text).equals(frameText(Buffer.from(text)))).toBe(true)
      expect(frameText(text).equals(frameEach([Buffer.from(text)]))).toBe(true)
    },
  )

  it('writes lone surrogates as U+FFFD', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'a', '€') }), async (text) => {
        expect(await read(frameText(text))).toEqual([{ text: text.toWellFormed(), binary: false }])
      }),
    ))

  it('takes apart what it put together', () =>
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (arrays) => {
        const payloads = [...arrays.map((array) => Buffer.from(array)), Buffer.alloc(65_536, 'x')]
        const taken = payloadsOf(frameEach(payloads))
        expect(taken).toHaveLength(payloads.length)
        for (const [i, payload] of payloads.entries()) expect(taken[i]?.equals(payload)).toBe(true)
      }),
    ))
})
