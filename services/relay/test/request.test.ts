import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type RelayClient } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let relay: Process & AsyncDisposable
let token: string
let client: RelayClient
beforeAll(async () => {
  relay = await startRelay()
  token = await relay.token()
  client = await connect(relay.url, token)
})
afterAll(async () => {
  client.close()
  await relay[Symbol.asyncDispose]()
})

/** What the client gets for a request. */
async function forwarded(path: string, init: RequestInit = {}) {
  const answer = relay.go(token, path, init)
  const { request, respond } = await client.next()
  respond(200)
  expect((await answer).status).toBe(200)
  return request
}

const post = (body: NonNullable<RequestInit['body']>, type?: string): RequestInit => ({
  method: 'POST',
  body,
  ...(type !== undefined && { headers: { 'content-type': type } }),
})

/** With exactly these headers, and a path that no URL parser has touched. */
async function raw(path: string, { method = 'GET', headers = {}, body = Buffer.alloc(0) } = {}) {
  const request = httpRequest({
    port: relay.port,
    host: '127.0.0.1',
    path: `/v1/go/${token}${path}`,
    method,
    headers,
  })
  request.end(body)
  const delivered = await client.next()
  delivered.respond(200)
  const [response] = await once(request, 'response')
  response.resume()
  return delivered.request
}

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s is forwarded, with any further path',
  async (method) => {
    const before = Date.now()
    const request = await forwarded('/a/b%20c?d=e', { method })
    expect(request).toMatchObject({ method, path: '/a/b%20c', url: '/a/b%20c?d=e', query: { d: 'e' } })
    expect(request).not.toHaveProperty('body')
    expect(request).not.toHaveProperty('rawBody')
    expect(request.receivedAt).toBeGreaterThanOrEqual(before)
    expect(request.receivedAt).toBeLessThanOrEqual(Date.now())
  },
)

test('each request has an id of its own', async () => {
  const [first, second] = [await forwarded(''), await forwarded('')]
  expect(first.id).not.toBe(second.id)
})

test.each([
  ['', '/', '/'],
  ['/', '/', '/'],
  ['?a=1', '/', '/?a=1'],
  ['/?a=1', '/', '/?a=1'],
  ['//x//', '//x//', '//x//'],
  ['/100%', '/100%', '/100%'],
  ['/%zz/%2F/../', '/%zz/%2F/../', '/%zz/%2F/../'],
  ['/a?b=%', '/a', '/a?b=%'],
  [`/${'x'.repeat(8000)}`, `/${'x'.repeat(8000)}`, `/${'x'.repeat(8000)}`],
])('after the token comes %s: the client gets it as it is', async (after, path, url) => {
  expect(await raw(after)).toMatchObject({ path, url })
})

describe('headers', () => {
  test('are those that arrived', async () => {
    const headers = { Host: 'hooks.example.org', 'X-Hub-Signature': 'sha1=abc', Authorization: 'Bearer t' }
    const request = await raw('', { headers })
    expect(request.headers).toMatchObject({
      host: 'hooks.example.org',
      'x-hub-signature': 'sha1=abc',
      authorization: 'Bearer t',
    })
  })

  test.each([
    ['a=1; token=secret; b=2', 'a=1; b=2'],
    ['token=secret', undefined],
    ['token', undefined],
    [' token = secret ;c=3', 'c=3'],
    ['mytoken=1; token2=2', 'mytoken=1; token2=2'],
    ['token="quoted"; token=again; Token=other', 'Token=other'],
  ])('lose the cookie named token: %s', async (cookie, left) => {
    expect((await raw('', { headers: { cookie } })).headers['cookie']).toBe(left)
  })

  test('keep what a trusted proxy said about where the request came from', async () => {
    const headers = { 'x-forwarded-for': '5.5.5.5', 'x-real-ip': '5.5.5.5', 'x-forwarded-proto': 'https' }
    expect((await raw('', { headers })).headers).toMatchObject(headers)
  })
})

test('headers that a peer who is no trusted proxy sends about where it is are replaced', async () => {
  await using other = await startRelay({ trustedProxies: ['203.0.113.0/24'] })
  const mine = await other.token()
  await using there = await connect(other.url, mine)
  const headers = { 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6', 'x-forwarded-proto': 'https' }
  void other.go(mine, '', { headers })
  expect((await there.next()).request.headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-proto': 'http',
  })
})

describe('params', () => {
  test('merge the query, form values and JSON members, later ones winning', async () => {
    const json = await forwarded('?a=query&b=query', post('{"b":"json","c":{"d":1}}', 'application/json'))
    expect(json.params).toEqual({ token, a: 'query', b: 'json', c: { d: 1 } })
    const form = await forwarded('?a=query&b=query', post('b=form&c=', 'application/x-www-form-urlencoded'))
    expect(form.params).toEqual({ token, a: 'query', b: 'form', c: '' })
  })

  test('have the token of the path, whatever the others say', async () => {
    expect((await forwarded('?token=query', post('{"token":"json"}', 'application/json'))).params).toEqual({
      token,
    })
  })

  test('have an array where a name comes several times', async () => {
    const { params, query } = await forwarded('?a=1&a=2&a=3&b=4')
    expect(query).toEqual({ a: ['1', '2', '3'], b: '4' })
    expect(params).toEqual({ token, ...query })
  })

  test('take names like those that every object has', async () => {
    const { params, query } = await forwarded(
      '?__proto__=1&constructor=2&toString=3&hasOwnProperty=4',
      post('{"__proto__":{"polluted":true},"constructor":5}', 'application/json'),
    )
    expect(Object.entries(query)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
      ['hasOwnProperty', '4'],
    ])
    expect(Object.entries(params)).toEqual([
      ['__proto__', { polluted: true }],
      ['constructor', 5],
      ['toString', '3'],
      ['hasOwnProperty', '4'],
      ['token', token],
    ])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('do not take the items of an array', async () => {
    const { params, body } = await forwarded('', post('[{"a":1}]', 'application/json'))
    expect([params, body]).toEqual([{ token }, [{ a: 1 }]])
  })
})

describe('the body', () => {
  test.each([
    ['JSON', '{"a":[1,null]}', 'application/json', { a: [1, null] }],
    ['JSON that is no object', '"text"', 'application/json; charset=utf-8', 'text'],
    ['JSON null', 'null', 'application/json', null],
    ['JSON under another name', '{"a":1}', 'application/problem+json', { a: 1 }],
    ['JSON in capitals', '{"a":1}', 'APPLICATION/JSON', { a: 1 }],
    ['a form', 'a=1&b=%C3%A9&b=+', 'application/x-www-form-urlencoded', { a: '1', b: ['é', ' '] }],
    ['broken JSON', '{"a":', 'application/json', '{"a":'],
    ['text', '{"a":1}', 'text/plain', '{"a":1}'],
    ['XML', '<a/>', 'application/xml', '<a/>'],
    ['something of a type that is none', '{"a":1}', '???', '{"a":1}'],
    ['JSON called a form', '{"a":1}', 'application/x-www-form-urlencoded', { '{"a":1}': '' }],
  ])('is %s as it should be', async (_what, text, type, body) => {
    const request = await forwarded('', post(Buffer.from(text), type))
    expect(request.body).toEqual(body)
    expect(Buffer.from(request.rawBody ?? '', 'base64').toString()).toBe(text)
    expect(request.headers['content-type']).toBe(type)
  })

  test('of no type at all is JSON where it parses, else text', async () => {
    const send = async (text: string) =>
      (await raw('', { method: 'POST', headers: { 'content-length': text.length }, body: Buffer.from(text) }))
        .body
    expect(await send('{"a":1}')).toEqual({ a: 1 })
    expect(await send('a=1')).toBe('a=1')
  })

  test('of GET and DELETE is forwarded too', async () => {
    for (const method of ['GET', 'DELETE'])
      expect(
        await raw('', { method, headers: { 'content-length': 2 }, body: Buffer.from('hi') }),
      ).toMatchObject({
        body: 'hi',
        rawBody: 'aGk=',
      })
  })

  test('that comes in chunks is put together', async () => {
    const request = httpRequest({ port: relay.port, host: '127.0.0.1', path: `/go/${token}`, method: 'POST' })
    request.setHeader('content-type', 'application/json')
    request.write('{"a"')
    request.end(':1}')
    const { request: got, respond } = await client.next()
    respond()
    expect(got).toMatchObject({ body: { a: 1 }, params: { a: 1 } })
  })

  test('is there byte for byte, also where it is no text', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const { rawBody, body } = await forwarded('', post(bytes, 'application/octet-stream'))
    expect(Buffer.from(rawBody ?? '', 'base64')).toEqual(bytes)
    expect(body).toContain('\ufffd')
  })

  test('in another charset is read in it', async () => {
    const request = await forwarded('', post(Buffer.from('é', 'latin1'), 'text/plain; charset=iso-8859-1'))
    expect(request.body).toBe('é')
    const unknown = await forwarded('', post(Buffer.from('é'), 'text/plain; charset=klingon'))
    expect(unknown.body).toBe('é')
  })

  test('with lone surrogates in its JSON keeps them', async () => {
    const { body, params } = await forwarded(
      '',
      post('{"a":"\\ud800","\\udfff":1,"n":"\\u0000"}', 'application/json'),
    )
    expect(body).toEqual({ a: '\ud800', '\udfff': 1, n: '\u0000' })
    expect(params).toEqual({ token, a: '\ud800', '\udfff': 1, n: '\u0000' })
  })

  test('that is nested deeper than anybody can follow is forwarded as text', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect((await forwarded('', post(deep, 'application/json'))).body).toBe(deep)
    const shallow = `${'['.repeat(400)}${']'.repeat(400)}`
    expect((await forwarded('', post(shallow, 'application/json'))).body).toEqual(JSON.parse(shallow))
  })

  test('may have 2 MiB and not a byte more', async () => {
    const most = 2 * 1024 * 1024
    expect((await forwarded('', post(Buffer.alloc(most, 'x')))).body).toHaveLength(most)
    const refused = await relay.go(token, '', post(Buffer.alloc(most + 1)))
    expect(refused.status).toBe(413)
  })

  test('of chunks that never say how long they are is refused past 2 MiB', async () => {
    const request = httpRequest({ port: relay.port, host: '127.0.0.1', path: `/go/${token}`, method: 'POST' })
    for (let index = 0; index < 40; index++) request.write(Buffer.alloc(64 * 1024))
    request.end()
    const [response] = await once(request, 'response')
    response.resume()
    expect(response.statusCode).toBe(413)
  })
})
