import { checker } from '@switchboard/protocol/decode'
import { METHODS, RequestObject } from '@switchboard/protocol/relay'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRequest } from '../../src/domain/event.ts'
import { forwardedHeaders } from '../../src/domain/headers.ts'
import { fromParcel, type Incoming, toParcel } from '../../src/domain/incoming.ts'
import { parseValues } from '../../src/domain/values.ts'

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'token', 'a'),
  fc.string({ unit: 'binary' }),
)
const type = fc.oneof(
  fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain; charset=utf-16', ''),
  fc.string(),
)
const body = fc.oneof(
  fc.uint8Array(),
  fc.json().map((text) => Buffer.from(text)),
  fc.dictionary(name, name).map((values) => Buffer.from(new URLSearchParams(values).toString())),
)
const incoming: fc.Arbitrary<Incoming> = fc.record({
  id: fc.uuid(),
  receivedAt: fc.nat(),
  method: fc.constantFrom(...METHODS),
  url: fc.string({ unit: 'binary' }).map((rest) => `/${rest}`),
  headers: fc.record({ 'content-type': type, host: fc.string({ unit: 'binary' }) }),
  body: fc.option(body, { nil: undefined }),
})

test('a parcel gives back the request that was put in', () => {
  fc.assert(
    fc.property(incoming, (request) => {
      expect(fromParcel(toParcel(request))).toEqual({ ok: true, value: request })
    }),
  )
})

test('a parcel of anything at all is refused, never thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (head) => {
      expect(fromParcel({ head, body: undefined })).toHaveProperty('ok')
    }),
  )
})

test('whatever comes in, the event obeys the wire, can be written as JSON and holds the body’s bytes', () => {
  const check = checker(RequestObject)
  fc.assert(
    fc.property(incoming, (request) => {
      const arrived = JSON.parse(encodeRequest('thetoken', request)) as RequestObject
      expect(check(arrived)).toMatchObject({ ok: true })
      expect(arrived.params.token).toBe('thetoken')
      expect(Buffer.from(arrived.rawBody ?? '', 'base64')).toEqual(Buffer.from(request.body ?? []))
      expect('body' in arrived).toBe(request.body !== undefined)
    }),
  )
})

const members = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }))
const spaced = fc.tuple(members, fc.constantFrom(0, 2), fc.constantFrom('', ' ', '\n\t'))

test('params are the query, the members of a JSON body however it is written, and the token of the path', () => {
  fc.assert(
    fc.property(incoming, fc.dictionary(name, name), spaced, (request, query, [object, indent, space]) => {
      const url = `/a?${new URLSearchParams(query)}`
      const body = Buffer.from(`${space}${JSON.stringify(object, undefined, indent)}${space}`)
      const headers = { 'content-type': 'application/json' }
      const text = encodeRequest('thetoken', { ...request, url, headers, body })
      const arrived = JSON.parse(text) as RequestObject
      expect(arrived.body).toEqual(JSON.parse(JSON.stringify(object)))
      const merged = new Map<string, unknown>(Object.entries(arrived.query))
      for (const [key, value] of Object.entries(arrived.body as object)) merged.set(key, value)
      merged.set('token', 'thetoken')
      expect(new Map(Object.entries(arrived.params))).toEqual(merged)
    }),
  )
})

test('a number keeps every digit that it was written with', () => {
  const body = Buffer.from('{"id":12345678901234567890.10}')
  const request = { id: '1', receivedAt: 0, method: 'POST', url: '/', headers: {}, body } as const
  expect(encodeRequest('thetoken', request)).toContain(
    '"params":{"id":12345678901234567890.10,"token":"thetoken"},"body":{"id":12345678901234567890.10}',
  )
})

test('a member named token gives way to the token of the path, and no name comes twice', () => {
  const body = Buffer.from('{"token":"mine","a":1}')
  const request = { id: '1', receivedAt: 0, method: 'POST', url: '/', headers: {}, body } as const
  expect(encodeRequest('thetoken', request)).toContain('"params":{"token":"thetoken","a":1},')
})

test('values are those that were encoded, whatever their names', () => {
  const pairs = fc.array(fc.tuple(name, name))
  const wellFormed = (text: string) => text.toWellFormed()
  fc.assert(
    fc.property(pairs, (given) => {
      const values = parseValues(new URLSearchParams(given).toString())
      const flat = Object.entries(values).flatMap(([key, value]) =>
        [value].flat().map((one) => `${key}=${one}`),
      )
      expect(flat.toSorted()).toEqual(given.map((pair) => pair.map(wellFormed).join('=')).toSorted())
    }),
  )
})

test('no cookie named token is left, and every other one is', () => {
  const cookie = fc.tuple(
    fc.constantFrom('token', 'a', 'token2', ' token '),
    fc.stringMatching(/^[\w=]{0,5}$/),
  )
  const origin = { address: '::1', protocol: 'http', isProxied: false }
  fc.assert(
    fc.property(fc.array(cookie), (cookies) => {
      const header = cookies.map((pair) => pair.join('=')).join(';')
      const left = String(forwardedHeaders({ cookie: header }, origin)['cookie'] ?? '')
      const names = left === '' ? [] : left.split('; ').map((pair) => pair.split('=')[0])
      expect(names).toEqual(cookies.map(([one]) => one.trim()).filter((one) => one !== 'token'))
    }),
  )
})
