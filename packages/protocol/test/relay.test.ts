import { validateHeaderName, validateHeaderValue } from 'node:http'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import { DOWN, decodeAcknowledgement, TOKEN_LENGTH, UP } from '../src/relay.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const vectors = readVectors('relay')
const SCHEMAS: Record<string, Record<string, TSchema>> = { up: UP, down: DOWN }

const answer = (...args: unknown[]) => {
  const decoded = decodeAcknowledgement(args)
  if (!decoded.ok) throw new Error(decoded.error)
  return decoded.value
}

describe('the vectors of the spec page', () => {
  vectorsObey(
    vectors.filter(({ name }) => name !== 'bad'),
    SCHEMAS,
  )

  it.each(vectors.filter(({ name }) => name === 'ack'))('$way $name is an answer: $json', ({ json }) => {
    expect(decodeAcknowledgement(JSON.parse(json) as unknown[])).toMatchObject({ ok: true })
  })

  it('refuse every bad acknowledgement, and say why', () => {
    const bad = vectors
      .filter(({ name }) => name === 'bad')
      .flatMap(({ json }) => JSON.parse(json) as unknown[][])
    expect(bad.length).toBeGreaterThan(10)
    for (const args of bad) {
      const decoded = decodeAcknowledgement(args)
      if (decoded.ok) throw new Error(`taken: ${JSON.stringify(args)}`)
      expect(decoded.error).not.toBe('')
    }
  })
})

describe('a token', () => {
  it('has at least 128 random bits', () => {
    expect(TOKEN_LENGTH * Math.log2(36)).toBeGreaterThan(128)
  })
})

describe('an acknowledgement', () => {
  it('has the status 200 and the body OK unless it says otherwise', () => {
    const nothing = { status: 200, body: 'OK', headers: { 'content-type': 'text/plain; charset=utf-8' } }
    expect(answer()).toEqual(nothing)
    expect(answer(null)).toEqual(nothing)
    expect(answer(undefined, null, null)).toEqual(nothing)
    expect(answer(503)).toEqual({ ...nothing, status: 503 })
  })

  it('that begins with something other than a number begins with the body', () => {
    expect(answer('hi')).toMatchObject({ status: 200, body: 'hi' })
    expect(answer('hi', { 'X-A': 'b' })).toMatchObject({ body: 'hi', headers: { 'x-a': 'b' } })
    expect(answer({ a: 1 })).toMatchObject({ body: '{"a":1}' })
  })

  it('has a body of text, JSON or bytes', () => {
    const type = (body: unknown) => [answer(200, body).body, answer(200, body).headers['content-type']]
    expect(type('text')).toEqual(['text', 'text/plain; charset=utf-8'])
    expect(type('')).toEqual(['', 'text/plain; charset=utf-8'])
    expect(type(42)).toEqual(['42', 'application/json; charset=utf-8'])
    expect(type(false)).toEqual(['false', 'application/json; charset=utf-8'])
    expect(type([1, { a: null }])).toEqual(['[1,{"a":null}]', 'application/json; charset=utf-8'])
    expect(type(Buffer.from([0, 255]))).toEqual([Buffer.from([0, 255]), 'application/octet-stream'])
  })

  it('names the content type itself if it likes', () => {
    expect(answer(200, { a: 1 }, { 'Content-Type': 'application/problem+json' }).headers).toEqual({
      'content-type': 'application/problem+json',
    })
  })

  it.each([204, 205, 304])('of status %i has no body', (status) => {
    expect(answer(status, 'text')).toEqual({ status, headers: {}, body: '' })
  })

  it('loses the headers that are the connection’s, the origin’s or the relay’s', () => {
    const headers = Object.fromEntries(
      [
        'Connection',
        'Keep-Alive',
        'Proxy-Authenticate',
        'Proxy-Authorization',
        'Proxy-Connection',
        'TE',
        'Trailer',
        'Transfer-Encoding',
        'Upgrade',
        'Content-Length',
        'Set-Cookie',
        'Set-Cookie2',
        'Service-Worker-Allowed',
        'Clear-Site-Data',
        'Strict-Transport-Security',
        'Alt-Svc',
        'Content-Security-Policy',
        'Content-Security-Policy-Report-Only',
        'Access-Control-Allow-Origin',
        'ACCESS-CONTROL-ALLOW-CREDENTIALS',
        'Cache-Control',
        'X-Content-Type-Options',
        'X-Relay-Delivery',
      ].map((name) => [name, 'x']),
    )
    expect(answer(204, null, { ...headers, 'X-Mine': 'kept' }).headers).toEqual({ 'x-mine': 'kept' })
  })

  it('loses the headers that its Connection header names', () => {
    expect(answer(204, null, { Connection: 'close, X-Hop', 'x-hop': '1', 'x-end': '2' }).headers).toEqual({
      'x-end': '2',
    })
  })

  it('may hold a header named like a part of every object', () => {
    const { headers } = answer(204, null, JSON.parse('{"__proto__":"a","constructor":"b"}'))
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  it('has headers that Node takes, whatever came', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 })
    fc.assert(
      fc.property(fc.dictionary(text, text), (headers) => {
        const decoded = decodeAcknowledgement([200, 'x', headers])
        if (!decoded.ok) return
        for (const [name, value] of Object.entries(decoded.value.headers)) {
          validateHeaderName(name)
          validateHeaderValue(name, String(value))
        }
      }),
    )
  })

  it('takes every header that Node takes', () => {
    const byte = fc.string({
      unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 8,
    })
    fc.assert(
      fc.property(byte, byte, (name, value) => {
        const taken = decodeAcknowledgement([200, 'x', { [`x${name}`]: value }]).ok
        const nodes = () => {
          validateHeaderName(`x${name}`)
          validateHeaderValue(`x${name}`, value)
        }
        if (taken) expect(nodes).not.toThrow()
        else expect(nodes).toThrow()
      }),
    )
  })

  it('never makes the decoder throw', () => {
    fc.assert(
      fc.property(fc.array(fc.anything({ withNullPrototype: true, withTypedArray: true })), (args) => {
        expect(decodeAcknowledgement(args)).toHaveProperty('ok')
      }),
    )
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown
    expect(decodeAcknowledgement([200, deep])).toEqual({ ok: false, error: expect.stringContaining('body') })
  })
})
