import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import {
  ANSWERS,
  DOWN,
  decodeDown,
  decodeUp,
  encodeMessage,
  encodeUp,
  joinMessages,
  type Message,
  parseLink,
  parseRoomName,
  REQUESTS,
  TEXT_MAX,
  UP,
  VIA,
} from '../src/chat.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const vectors = readVectors('chat')
const SCHEMAS: Record<string, Record<string, TSchema>> = {
  up: UP,
  down: DOWN,
  request: REQUESTS,
  answer: ANSWERS,
}

const encode = ({ text, ...rest }: Message) => encodeMessage({ ...rest, textJson: JSON.stringify(text) })

describe('the vectors of the spec page', () => {
  vectorsObey(
    vectors.filter(({ name }) => name !== 'bad'),
    SCHEMAS,
  )

  it.each(vectors.filter(({ way }) => way === 'down'))(
    'down $name survives encoding and decoding',
    ({ json }) => {
      const messages = JSON.parse(json) as Message[]
      expect(decodeDown(joinMessages(messages.map(encode)))).toEqual({ ok: true, value: messages })
    },
  )

  it('refuse every bad frame, and say why', () => {
    const bad = vectors
      .filter(({ name }) => name === 'bad')
      .flatMap(({ json }) => JSON.parse(json) as string[])
    expect(bad.length).toBeGreaterThan(10)
    for (const frame of bad) {
      const decoded = decodeUp(frame)
      if (decoded.ok) throw new Error(`taken: ${frame}`)
      expect(decoded.error).not.toBe('')
    }
  })
})

const message = fc.record({
  id: fc.uuid(),
  sender: fc.oneof(
    fc.record({ id: fc.integer({ min: 1, max: 2 ** 31 - 1 }), username: fc.string({ unit: 'binary' }) }),
    fc.record({
      id: fc.constant(0),
      username: fc.string({ unit: 'binary' }),
      via: fc.constantFrom(...VIA),
    }),
  ),
  text: fc.string({ unit: 'binary' }),
  createTime: fc.nat(),
})

describe('frames', () => {
  it('from the server decode to the messages that were encoded', () => {
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        expect(decodeDown(joinMessages(messages.map(encode)))).toEqual({ ok: true, value: messages })
      }),
    )
  })

  it('from a client decode to the text that was encoded, lone surrogates and NUL included', () => {
    const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(decodeUp(encodeUp(text))).toEqual({ ok: true, value: { text } })
      }),
    )
  })

  it('that are anything at all never make a decoder throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (frame) => {
        expect(decodeUp(frame)).toHaveProperty('ok')
        expect(decodeDown(frame)).toHaveProperty('ok')
      }),
    )
  })

  it('hold a text of 4,096 characters at most, counted as code points', () => {
    expect(decodeUp(encodeUp('x'.repeat(TEXT_MAX))).ok).toBe(true)
    expect(decodeUp(encodeUp('😀'.repeat(TEXT_MAX))).ok).toBe(true)
    expect(decodeUp(encodeUp('x'.repeat(TEXT_MAX + 1))).ok).toBe(false)
    expect(decodeUp(encodeUp(`😀${'x'.repeat(TEXT_MAX)}`)).ok).toBe(false)
  })
})

describe('a link', () => {
  it.each(
    vectors
      .filter(({ way, name }) => way === 'request' && name === 'link')
      .map(({ json }) => JSON.parse(json)),
  )('may be $kind', (link) => {
    expect(parseLink(link)).toMatchObject({ ok: true, value: { kind: link.kind } })
  })

  it("names a channel by channels' own rule, leading #s left out", () => {
    const name = '##cafe\u0301'
    expect(parseLink({ kind: 'channel', name })).toEqual({
      ok: true,
      value: { kind: 'channel', name: 'café' },
    })
  })

  it.each([
    [undefined, 'not an object'],
    [[], 'not an object'],
    [{}, 'kind: must be one of'],
    [{ kind: '__proto__' }, 'kind: must be one of'],
    [{ kind: ['channel'], name: 'a' }, 'kind: must be one of'],
    [{ kind: 'channel' }, 'name'],
    [{ kind: 'channel', name: '#' }, 'name: a channel has a name'],
    [{ kind: 'channel', name: 'a b' }, 'name: '],
    [{ kind: 'channel', name: 'x'.repeat(65) }, 'name: '],
    [{ kind: 'relay' }, 'token'],
    [{ kind: 'relay', token: 7 }, 'token: must be string'],
    [{ kind: 'relay', token: '' }, 'token: '],
    [{ kind: 'space', id: '' }, 'id: '],
    [{ kind: 'space', id: 'x'.repeat(129) }, 'id: '],
    [{ kind: 'space', id: 'a\n' }, 'id: '],
    [{ kind: 'college', id: {} }, 'id: must be string'],
    [{ kind: 'college', id: 'college-1\u0000', token: 't' }, 'id: '],
    [{ kind: 'college', id: 'college-1', token: [] }, 'token: must be string'],
  ])('is not %j', (body, error) => {
    expect(parseLink(body)).toEqual({ ok: false, error: expect.stringContaining(error) })
  })
})

describe("a room's name", () => {
  it.each([
    'lobby',
    'Lobby',
    '__proto__',
    'constructor',
    '.',
    '..',
    '-',
    '0',
    'комната',
    'हिन्दी',
    '部屋',
    'x'.repeat(64),
    '𝒳'.repeat(64),
  ])('may be %s', (name) => {
    expect(parseRoomName(name)).toEqual({ ok: true, value: name })
  })

  it.each([
    '',
    ' ',
    'a b',
    'a/b',
    'a#b',
    '#a',
    'a\u0000',
    'a\n',
    '\u0301a',
    'a\u200b',
    '\ud800',
    '😀',
    'x'.repeat(65),
    '𝒳'.repeat(65),
  ])('may not be %j', (name) => {
    expect(parseRoomName(name).ok).toBe(false)
  })

  it('is taken in NFC, with regard to case', () => {
    expect(parseRoomName('cafe\u0301')).toEqual({ ok: true, value: 'café' })
    expect(parseRoomName('CAFÉ')).toEqual({ ok: true, value: 'CAFÉ' })
    expect(parseRoomName('e\u0301'.repeat(64))).toMatchObject({ ok: true })
  })

  it('is the same after it was taken once, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const once = parseRoomName(raw)
        if (once.ok) expect(parseRoomName(once.value)).toEqual(once)
      }),
    )
  })
})
