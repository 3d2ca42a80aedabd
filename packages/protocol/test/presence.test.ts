import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import {
  ANSWERS,
  DOWN,
  decodeDown,
  decodeUp,
  encodeUp,
  encodeUsers,
  encodeWhereabouts,
  NAMES_MAX,
  UP,
  type Users,
  type Whereabouts,
} from '../src/presence.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const vectors = readVectors('presence')
const SCHEMAS: Record<string, Record<string, TSchema>> = { up: UP, down: DOWN, answer: ANSWERS }

const encode = (users: Iterable<readonly [string, readonly Whereabouts[]]>): string =>
  encodeUsers([...users].map(([name, whereabouts]) => [name, encodeWhereabouts(whereabouts)]))

describe('the vectors of the spec page', () => {
  vectorsObey(
    vectors.filter(({ name }) => name !== 'bad'),
    SCHEMAS,
  )

  it.each(vectors.filter(({ way }) => way === 'down'))(
    'down $name survives encoding and decoding',
    ({ json }) => {
      const value = JSON.parse(json) as Users
      expect(decodeDown(encode(Object.entries(value.users)))).toEqual({ ok: true, value })
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

const whereabouts = fc.record(
  {
    service: fc.constantFrom('ide' as const, 'chat' as const, 'channels' as const),
    place: fc.string({ unit: 'binary' }),
    since: fc.nat(),
  },
  { requiredKeys: ['service', 'since'] },
)
const anyName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '1', '\n'),
)

describe('frames', () => {
  it('from the server decode to what was encoded, whatever the names are', () => {
    const users = fc.uniqueArray(fc.tuple(anyName, fc.array(whereabouts)), { selector: ([name]) => name })
    fc.assert(
      fc.property(users, (entries) => {
        const decoded = decodeDown(encode(entries))
        if (!decoded.ok) throw new Error(decoded.error)
        expect(new Map(Object.entries(decoded.value.users))).toEqual(new Map(entries))
      }),
    )
  })

  it('from the server have the names in the order of the question', () => {
    const names = ['b', '1', '__proto__', 'a']
    expect(encode(names.map((name) => [name, []]))).toBe('{"users":{"b":[],"1":[],"__proto__":[],"a":[]}}')
  })

  it('from a client decode to the names that were encoded, lone surrogates and NUL included', () => {
    const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))
    const names = fc.array(fc.string({ unit }), { maxLength: NAMES_MAX })
    fc.assert(
      fc.property(names, (watch) => {
        expect(decodeUp(encodeUp(watch))).toEqual({ ok: true, value: { watch } })
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

  it('from a client hold 100 names at most', () => {
    const names = Array.from({ length: NAMES_MAX }, (_, index) => `name ${index}`)
    expect(decodeUp(encodeUp(names)).ok).toBe(true)
    expect(decodeUp(encodeUp([...names, 'one more'])).ok).toBe(false)
  })
})
