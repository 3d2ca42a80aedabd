import { describe, expect, test } from 'vitest'
import { localPath } from '../src/forward.ts'
import { answerHeaders, requestHeaders } from '../src/headers.ts'
import { safe, showBody } from '../src/text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('headers on their way', () => {
  const target = new URL('http://localhost:3000/hooks')

  test('to the local server: its own name, the body’s length, nothing of the connection', () => {
    const arrived = {
      host: 'relay.example',
      connection: 'keep-alive, X-Local',
      'x-local': 'one hop',
      te: 'trailers',
      expect: '100-continue',
      'transfer-encoding': 'chunked',
      'content-length': '17',
      'x-hub-signature': 'sha1=7d38cdd6',
      'x-several': ['a', 'b'],
    }
    expect(requestHeaders(arrived, target, 2)).toEqual({
      host: 'localhost:3000',
      'x-forwarded-host': 'relay.example',
      'content-length': '2',
      'x-hub-signature': 'sha1=7d38cdd6',
      'x-several': ['a', 'b'],
    })
    expect(requestHeaders({}, target, undefined)).toEqual({ host: 'localhost:3000' })
  })

  test('to the caller: nothing of the connection', () => {
    const answered = { connection: 'close', 'content-length': '3', etag: '"1"', 'keep-alive': 'timeout=5' }
    expect(answerHeaders(answered)).toEqual({ etag: '"1"' })
  })
})

test.each([
  ['http://localhost', '/', '/'],
  ['http://localhost', '/a?b=%2F', '/a?b=%2F'],
  ['http://localhost/hooks', '/', '/hooks'],
  ['http://localhost/hooks', '/?a=b', '/hooks?a=b'],
  ['http://localhost/hooks/', '/a', '/hooks/a'],
  ['http://localhost/hooks', '//a/../b', '/hooks//a/../b'],
])('below %s, %s is %s', (target, url, path) => {
  expect(localPath(new URL(target), url)).toBe(path)
})

describe('what a stranger sent, in a terminal', () => {
  test('moves no cursor and turns no writing round', () => {
    expect(safe('a\u001b[2Jb\u009b1A\u0007\r\u202e\u007f')).toBe(
      'a\\u001b[2Jb\\u009b1A\\u0007\\u000d\\u202e\\u007f',
    )
    expect(safe('Grüße,\n\t日本 😀')).toBe('Grüße,\n\t日本 😀')
  })

  test('is laid out where it is JSON, counted where it is no text, cut where it is long', () => {
    expect(showBody(bytes('{"a":[1]}'), 'application/json; charset=utf-8')).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(showBody(bytes('{"a":'), 'application/json')).toBe('{"a":')
    expect(showBody(Uint8Array.of(0xff, 0xfe), 'text/plain')).toBe('(2 bytes, no text)')
    expect(showBody(bytes('x'.repeat(4_010)), '')).toMatch(/^x{4000}\n\(10 more characters\)$/)
  })
})
