import { stringify } from 'node:querystring'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBody, UNREADABLE } from '../src/routes/body.ts'
import { readParameters } from '../src/routes/parameters.ts'

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

describe('a body', () => {
  it('is a form where it says so, in any case, and JSON in every other case', () => {
    expect(readBody('Application/X-WWW-Form-Urlencoded;charset=utf-8', 'a=1&b=%C3%A4+')).toEqual({
      a: '1',
      b: 'ä ',
    })
    for (const type of [JSON_TYPE, 'text/plain', undefined])
      expect(readBody(type, '{"a":"1"}')).toEqual({ a: '1' })
  })

  it('that is empty is none', () => {
    for (const type of [JSON_TYPE, FORM, undefined]) expect(readBody(type, '')).toBe(undefined)
  })

  it.each(['{', 'a=1', 'null', '1', '"a"', '[]', '[{"a":"1"}]'])('that is %s holds no parameters', (text) => {
    expect(readBody(JSON_TYPE, text)).toBe(UNREADABLE)
  })

  it('reads back every form and every object that was written', () => {
    const flat = fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), {
      maxKeys: 20,
    })
    fc.assert(
      fc.property(flat, (parameters) => {
        const form = stringify(parameters)
        expect(Object.entries(readBody(FORM, form) ?? {})).toEqual(Object.entries(parameters))
        expect(Object.entries(readBody(JSON_TYPE, JSON.stringify(parameters)) ?? {})).toEqual(
          Object.entries(parameters),
        )
      }),
    )
  })

  it('never makes the reader throw, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(FORM, JSON_TYPE, undefined),
        (text, type) => {
          expect(() => readBody(type, text)).not.toThrow()
        },
      ),
    )
  })
})

describe('parameters', () => {
  const read = (query: unknown, body: unknown) => readParameters({ query, body })

  it('of the query win over those of the body; an empty one gives way', () => {
    expect(read({ a: 'query', b: '' }, { a: 'body', b: 'body', c: '' })).toEqual({
      ok: true,
      value: { a: 'query', b: 'body', c: '' },
    })
  })

  it('are none where there is neither', () => {
    expect(read({}, undefined)).toEqual({ ok: true, value: {} })
  })

  it('cannot be had from a body that holds none', () => {
    expect(read({ a: 'query' }, UNREADABLE)).toMatchObject({ ok: false })
  })

  it('have prototype names like any other', () => {
    const body = readBody(JSON_TYPE, '{"__proto__":{"a":"1"},"constructor":"x"}')
    const parameters = read({}, body)
    if (!parameters.ok) throw new Error(parameters.error)
    expect(Object.keys(parameters.value).sort()).toEqual(['__proto__', 'constructor'])
    expect(parameters.value['a']).toBe(undefined)
  })
})
