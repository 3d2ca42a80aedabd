import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import {
  DOWN,
  decodeDown,
  decodeUp,
  encodeDown,
  encodeUp,
  loginPath,
  nickOf,
  parseChannel,
  parseNick,
  TYPES,
  UP,
} from '../src/channels.ts'
import { checker } from '../src/decode.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const pageVectors = readVectors('channels')
const vectors = pageVectors.map(({ json, ...rest }) => ({ ...rest, value: JSON.parse(json) as unknown }))
const WAYS = {
  up: { schemas: UP as Record<string, TSchema>, decode: decodeUp },
  down: { schemas: DOWN as Record<string, TSchema>, decode: decodeDown },
}
const messages = vectors.flatMap(({ way, name, value }) =>
  (way === 'up' || way === 'down') && name !== 'bad' ? [{ way, name, value } as const] : [],
)
const vector = <T>(way: string, name: string) =>
  vectors.find((one) => one.way === way && one.name === name)?.value as T

describe('the vectors of the spec page', () => {
  vectorsObey(
    pageVectors.filter(({ way, name }) => way in WAYS && name !== 'bad'),
    { up: UP, down: DOWN },
  )

  it.each(messages)('$way $name has its type', ({ name, value }) => {
    expect(value).toMatchObject({ type: TYPES[name as keyof typeof TYPES] })
  })

  it.each(messages)('$way $name survives encoding and decoding', ({ way, value }) => {
    const encode = way === 'up' ? encodeUp : encodeDown
    expect(WAYS[way].decode(encode(value as never))).toEqual({ ok: true, value })
  })

  it('refuse every bad frame', () => {
    const bad = vector<string[]>('up', 'bad')
    expect(bad.length).toBeGreaterThan(30)
    for (const frame of bad) expect(decodeUp(frame), frame).toMatchObject({ ok: false })
  })

  it('tell good nicknames from bad ones', () => {
    for (const nick of vector<string[]>('nick', 'good'))
      expect(parseNick(nick)).toMatchObject({ ok: true, value: { name: nick } })
    for (const nick of vector<string[]>('nick', 'bad'))
      expect(parseNick(nick), nick).toMatchObject({ ok: false })
  })

  it('tell good channels from bad ones', () => {
    for (const [raw, name] of Object.entries(vector<Record<string, string>>('channel', 'good')))
      expect(parseChannel(raw)).toEqual({ ok: true, value: name })
    for (const raw of vector<string[]>('channel', 'bad'))
      expect(parseChannel(raw), raw).toMatchObject({ ok: false })
  })
})

describe('names', () => {
  it('of people have 32 characters at most, of channels 64, without the sharps', () => {
    expect(parseNick('é'.normalize('NFD').repeat(32)).ok).toBe(true)
    expect(parseNick('x'.repeat(33)).ok).toBe(false)
    expect(parseChannel(`##${'😀'.repeat(64)}`).ok).toBe(true)
    expect(parseChannel('x'.repeat(65)).ok).toBe(false)
  })

  it('of people are one without regard to case and width', () => {
    const keys = ['Bob', 'BOB', 'ｂｏｂ'].map((raw) => {
      const nick = parseNick(raw)
      return nick.ok && nick.value.key
    })
    expect(keys).toEqual(['bob', 'bob', 'bob'])
  })

  it('of channels are one in every normal form', () => {
    expect(parseChannel('#café'.normalize('NFD'))).toEqual(parseChannel('café'.normalize('NFC')))
  })

  it('that are anything at all never make a parser throw, and what is taken is taken again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        expect(parseNick(raw)).toHaveProperty('ok')
        const channel = parseChannel(raw)
        if (channel.ok) expect(parseChannel(`#${channel.value}`)).toEqual(channel)
      }),
    )
  })
})

describe('the path', () => {
  it('brings any nickname over, whoever encodes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        fc.pre(raw.isWellFormed() && !raw.endsWith('/'))
        expect(nickOf(loginPath(raw))).toBe(raw)
      }),
    )
    expect(nickOf('/chat/login/bob?a=1/2')).toBe('bob')
    expect(nickOf('/chat/login/bob/')).toBe('bob')
    expect(nickOf('/chat/login/[a]{b}|^`')).toBe('[a]{b}|^`')
    expect(nickOf(`/chat/login/${Buffer.from('Ζωή').toString('latin1')}`)).toBe('Ζωή')
  })

  it.each(['%', '%zz', 'a%', '%ff', '%c3', '%ed%a0%80', '\xff'])(
    '%j is no percent-encoded nickname',
    (raw) => {
      expect(nickOf(`/chat/login/${raw}`)).toBeUndefined()
    },
  )
})

const fields = {
  type: fc.constantFrom(-1, 0, 1, 2, 3, 4, 5, 6, 7, '0', null),
  ...Object.fromEntries(
    ['dest', 'message', 'password', 'user', 'channel', 'users', 'code'].map((key) => [
      key,
      fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    ]),
  ),
}

describe('decoders', () => {
  it('never throw, and what they take obeys the schema of its type', () => {
    fc.assert(
      fc.property(fc.record(fields, { requiredKeys: [] }), (candidate) => {
        const text = JSON.stringify(candidate)
        for (const { decode, schemas } of Object.values(WAYS)) {
          const decoded = decode(text)
          if (!decoded.ok) continue
          const [name = ''] = Object.entries(TYPES).find(([, type]) => type === decoded.value.type) ?? []
          expect(checker(schemas[name] as TSchema)(JSON.parse(text))).toMatchObject({ ok: true })
        }
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(decodeUp(text)).toHaveProperty('ok')
        expect(decodeDown(text)).toHaveProperty('ok')
      }),
    )
  })

  it('give back any text that was encoded, lone surrogates too', () => {
    const text = fc.string({
      unit: fc.constantFrom('\ud800', '\udc00', 'a', '"', '\\', '\0', '😀', '\u2028'),
    })
    fc.assert(
      fc.property(text, text, (dest, message) => {
        const up = { type: TYPES.message, dest, message }
        expect(decodeUp(encodeUp(up))).toEqual({ ok: true, value: up })
        const down = { ...up, user: dest }
        expect(decodeDown(encodeDown(down))).toEqual({ ok: true, value: down })
      }),
    )
  })

  it('ignore the order of keys, and keys that nobody named', () => {
    const text = '{"extra":[],"message":"b","__proto__":null,"dest":"a","type":0}'
    expect(decodeUp(text)).toMatchObject({ ok: true, value: { type: 0, dest: 'a', message: 'b' } })
  })
})
