import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRequest, isToken } from '../src/client/relay.ts'
import { checker } from '../src/decode.ts'
import { RequestObject, Token } from '../src/relay.ts'
import { readVectors } from './vectors.ts'

const requests = readVectors('relay')
  .filter(({ way, name }) => way === 'down' && name === 'request')
  .map(({ json }) => JSON.parse(json) as Record<string, unknown>)
const obeys = checker(RequestObject)

it("a client's check takes the requests that the spec page shows", () => {
  expect(requests.length).toBeGreaterThan(0)
  for (const request of requests) expect(isRequest(request)).toBe(true)
})

it("a client's check and the schema say the same of a request with one member that is something else", () => {
  const known = fc.constantFrom(...requests)
  const name = fc.constantFrom(...Object.keys(RequestObject.properties).filter((one) => one !== 'method'))
  // JSON has no `undefined`, and an empty id is nobody's.
  const other = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom({}, [], '/', 'x', 0, { a: 'b' }, { a: ['b'] }, { a: 1 }),
  )
  fc.assert(
    fc.property(known, name, other, (request, member, value) => {
      const changed = { ...request, [member]: value }
      // What the params hold is not looked at: nothing here reads it.
      if (member === 'params' || value === '') return
      expect(isRequest(changed)).toBe(obeys(changed).ok)
    }),
  )
})

it("a client's check and the schema say the same of a token", () => {
  const token = checker(Token)
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9\n]{25,27}$/))
  fc.assert(fc.property(texts, (text) => isToken(text) === token(text).ok))
})
