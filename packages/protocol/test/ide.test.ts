import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import {
  ANSWERS,
  DELIMITER,
  DOWN,
  decodeDown,
  decodeUp,
  encodeDown,
  encodeMsg,
  encodeUp,
  REQUESTS,
  UP,
  type UpEvent,
} from '../src/ide.ts'
import { rawMember } from '../src/raw-member.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const vectors = readVectors('ide')
const SCHEMAS: Record<string, Record<string, TSchema>> = {
  up: UP,
  down: DOWN,
  request: REQUESTS,
  answer: ANSWERS,
}
const frames = vectors.filter(({ way, name }) => name !== 'bad' && (way === 'up' || way === 'down'))

/** With the `data` of a `send` read, which a server carries on as it is. */
function readUp(frame: string) {
  const up = decodeUp(frame)
  if (!up.ok || up.value.event !== 'send') return up
  const { to, dataJson } = up.value.params
  return { ok: true, value: { event: 'send', params: { to, data: JSON.parse(dataJson) } } }
}

describe('the vectors of the spec page', () => {
  vectorsObey(
    vectors.filter(({ name }) => name !== 'bad'),
    SCHEMAS,
  )

  it.each(frames)('$way $name survives encoding and decoding', ({ way, name, json }) => {
    const params = JSON.parse(json)
    const decoded =
      way === 'up'
        ? readUp(encodeUp(name as UpEvent, params))
        : decodeDown(encodeDown(name as keyof typeof DOWN, params))
    expect(decoded).toMatchObject({ ok: true, value: { event: name, params } })
  })

  it('refuse every bad frame, and say which known event it is about', () => {
    const bad = vectors
      .filter(({ name }) => name === 'bad')
      .flatMap(({ json }) => JSON.parse(json) as string[])
    expect(bad.length).toBeGreaterThan(20)
    for (const frame of bad) {
      const decoded = decodeUp(frame)
      if (decoded.ok) throw new Error(`taken: ${frame}`)
      const [event = ''] = frame.split(DELIMITER)
      const known = frame.includes(DELIMITER) && Object.hasOwn(UP, event)
      expect(decoded.error.event).toBe(known ? event : undefined)
      expect(decoded.error.message).not.toBe('')
    }
  })
})

describe('frames', () => {
  it('are split by the first delimiter', () => {
    const frame = `send:|:${JSON.stringify({ to: 'bob', data: 'a:|:b' })}`
    expect(readUp(frame)).toMatchObject({ ok: true, value: { params: { data: 'a:|:b' } } })
  })

  it('of the server hold one delimiter and no further |', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('|', ':', '\\', '"', 'a') }),
        fc.jsonValue(),
        (user, data) => {
          const sent = [
            encodeDown('died', { user, space: 'x' }),
            encodeMsg(user, JSON.stringify([data, user])),
          ]
          for (const frame of sent) {
            expect(frame.split('|')).toHaveLength(2)
            expect(frame.split(DELIMITER)).toHaveLength(2)
          }
          expect(decodeDown(sent[0] ?? '')).toMatchObject({ ok: true, value: { params: { user } } })
        },
      ),
    )
  })

  it('on the way up decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (to, data) => {
        const params = { to, data: JSON.parse(JSON.stringify(data)) }
        expect(readUp(encodeUp('send', { to, data }))).toEqual({ ok: true, value: { event: 'send', params } })
      }),
    )
  })

  it('that are anything at all never make a decoder throw', () => {
    const start = fc.constantFrom('', ...Object.keys(UP), ...Object.keys(DOWN), 'constructor')
    fc.assert(
      fc.property(start, fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (event, rest) => {
        for (const frame of [rest, event + DELIMITER + rest]) {
          expect(decodeUp(frame)).toHaveProperty('ok')
          expect(decodeDown(frame)).toHaveProperty('ok')
        }
      }),
    )
  })
})

describe('a send', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '{', '}', ':', '\n', 'é', '\u0000') })
  const usual = fc.record({ to: text, data: fc.oneof(text, fc.jsonValue()) }).map((it) => JSON.stringify(it))
  /** Cut, and with something put in. */
  const mended = fc
    .tuple(
      usual,
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', ',"data":2', ',"x":1', ',', '"', ' ', '}', '1', '\n'),
    )
    .map(([json, place, gone, added]) => {
      const at = place % (json.length + 1)
      return json.slice(0, at) + added + json.slice(at + gone)
    })

  it('is what JSON.parse says, however it is written, and nothing else is one', () => {
    const isSend = (it: unknown): it is { to: string; data: unknown } =>
      it instanceof Object && Object.hasOwn(it, 'data') && 'to' in it && typeof it.to === 'string'
    let taken = 0
    fc.assert(
      fc.property(fc.oneof(usual, mended, mended), (json) => {
        let said: unknown
        try {
          said = JSON.parse(json)
        } catch {}
        const up = readUp(`send${DELIMITER}${json}`)
        expect(up.ok).toBe(isSend(said))
        if (!isSend(said)) return
        taken++
        const { to, data } = said
        expect(up).toEqual({ ok: true, value: { event: 'send', params: { to, data } } })
      }),
      { numRuns: 5000 },
    )
    expect(taken).toBeGreaterThan(1500)
  })

  it('has the last of several members of one name, as for JSON.parse', () => {
    for (const json of ['{"to":"a","data":1,"data":2}', '{"to":"a","data":1,"to":"b","data":2}'])
      expect(readUp(`send${DELIMITER}${json}`)).toMatchObject({ value: { params: JSON.parse(json) } })
  })
})

describe('data', () => {
  const relayed = (data: string) => {
    const up = decodeUp(`send:|:{ "data" : ${data} , "to":"bob"}`)
    if (!up.ok || up.value.event !== 'send') throw new Error('no send')
    return encodeMsg('alice', up.value.params.dataJson).slice('msg:|:{"from":"alice","data":'.length, -1)
  }

  it.each([
    'null',
    '1e400',
    '12345678901234567890123',
    '1.0',
    '"\\ud800"',
    '{"__proto__":{"a":1},"a":[1,{"data":"}"}]}',
    '"\\\\\\"}],"',
  ])('%s is carried on as it was written', (data) => {
    expect(relayed(data)).toBe(data)
  })

  it('is carried on however deep it is', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    expect(relayed(deep)).toBe(deep)
  })

  it('is deeply equal after the way, whatever it is', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (data) => {
        expect(JSON.parse(relayed(data))).toEqual(JSON.parse(data))
      }),
    )
  })

  it('is the member that JSON.parse would give, among any others', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.jsonValue(),
        (others, data) => {
          for (const text of [
            JSON.stringify({ ...others, data }),
            JSON.stringify({ ...others, data }, null, 2),
          ]) {
            expect(JSON.parse(rawMember(text, 'data') ?? '')).toEqual(JSON.parse(text).data)
          }
        },
      ),
    )
    expect(rawMember('{"data":1,"d\\u0061ta":{"x":2}}', 'data')).toBe('{"x":2}')
    expect(rawMember('{"a":{"data":1}}', 'data')).toBeUndefined()
    expect(rawMember('{}', 'data')).toBeUndefined()
  })
})
