import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get, post } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { signUp } from './support/people.ts'

let installation: Installation
let url: string
beforeAll(async () => {
  installation = await install()
  url = installation.first.url
})
afterAll(() => installation[Symbol.asyncDispose]())

let names = 0
const newName = () => `person-${++names}`
let addresses = 0
const create = (body: unknown, headers: Record<string, string> = {}) =>
  post<{ id: number; username: string }>(`${url}/api/v1/users`, body, {
    'x-forwarded-for': `10.9.0.${++addresses}`,
    ...headers,
  })
const logIn = (body: unknown, headers: Record<string, string> = {}) =>
  post<{ token: string; user: unknown }>(`${url}/api/v1/login`, body, headers)

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const BAD_BINDINGS = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{}',
  '{"username":"x"}',
  '{"secret":"x"}',
  '{"username":1,"secret":"x"}',
  '{"username":"x","secret":null}',
  '{"username":"x","secret":["x"]}',
  '{"username":{},"secret":"x"}',
  '[{"username":"x","secret":"x"}]',
  '{"__proto__":{"username":"x","secret":"x"}}',
  '{"constructor":{"prototype":{"username":"x"}},"secret":"x"}',
]

describe('POST /users', () => {
  it('answers 201 with a positive integer id and the name as it was written', async () => {
    const username = newName()
    const answer = await create({ username, secret: 'somepassword' })
    expect(answer).toMatchObject({ status: 201, error: null, data: { id: expect.any(Number), username } })
    expect(Object.keys(answer.data)).toEqual(['id', 'username'])
    expect(Number.isInteger(answer.data.id) && answer.data.id > 0).toBe(true)
  })

  it('takes a form as well as JSON, and JSON that does not say that it is', async () => {
    const form = new URLSearchParams({ username: newName(), secret: 'x' }).toString()
    expect(await create(form, FORM)).toMatchObject({ status: 201 })
    const json = JSON.stringify({ username: newName(), secret: 'x' })
    expect(await create(json, { 'content-type': 'text/plain' })).toMatchObject({ status: 201 })
  })

  it.each(BAD_BINDINGS)('answers 400 BAD_BINDING to %j', async (body) => {
    expect(await create(body)).toMatchObject(failure(400, 'BAD_BINDING'))
  })

  it('answers 400 BAD_BINDING to a form with a name twice', async () => {
    expect(await create('username=a&username=b&secret=x', FORM)).toMatchObject(failure(400, 'BAD_BINDING'))
  })

  it.each(['', 'x'.repeat(65), 'a\u0000b', 'a\nb', 'a\u200bb', ' a', 'a@b', 'a/b', '\ud800'])(
    'answers 400 BAD_USERNAME to %j',
    async (username) => {
      expect(await create({ username, secret: 'x' })).toMatchObject(failure(400, 'BAD_USERNAME'))
    },
  )

  it.each([
    ['empty', ''],
    ['longer than 1,024 bytes', '€'.repeat(342)],
  ])('answers 400 BAD_PASSWORD to a secret that is %s', async (_what, secret) => {
    expect(await create({ username: newName(), secret })).toMatchObject(failure(400, 'BAD_PASSWORD'))
  })

  it('answers 400 USER_EXISTS to a name that is taken, also in another case or width', async () => {
    const username = newName()
    await create({ username, secret: 'x' })
    for (const taken of [username, username.toUpperCase(), username.replace('p', 'ｐ')]) {
      expect(await create({ username: taken, secret: 'y' })).toMatchObject(failure(400, 'USER_EXISTS'))
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'Ζωή', '名前'])('takes the name %s', async (username) => {
    expect(await create({ username, secret: 'x' })).toMatchObject({ status: 201, data: { username } })
    expect(await logIn({ username, secret: 'x' })).toMatchObject({ status: 200 })
  })

  it('answers 429 RATE_LIMITED with Retry-After past 60 a minute from one address', async () => {
    const from = { 'x-forwarded-for': '10.8.8.8' }
    const body = { username: '', secret: 'x' }
    for (let i = 0; i < 60; i++) expect((await create(body, from)).status).toBe(400)
    const refused = await create({ username: newName(), secret: 'x' }, from)
    expect(refused).toMatchObject(failure(429, 'RATE_LIMITED'))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await create({ username: newName(), secret: 'x' })).toMatchObject({ status: 201 })
  })
})

describe('POST /login', () => {
  it('answers 200 with a token and the user', async () => {
    const { id, username } = await signUp(url, newName())
    const answer = await logIn({ username, secret: `secret of ${username}` })
    expect(answer).toMatchObject({
      status: 200,
      error: null,
      data: { token: expect.any(String), user: { id, username } },
    })
    expect(Object.keys(answer.data)).toEqual(['token', 'user'])
  })

  it('answers a JWT that lives 72 hours and holds sub, name, iat, exp and jti', async () => {
    const { id, username, token } = await signUp(url, newName())
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ sub: String(id), name: username, jti: expect.any(String) })
    expect(claims.exp - claims.iat).toBe(72 * 60 * 60)
  })

  it('finds the name in another case, and takes a form', async () => {
    const { username } = await signUp(url, newName())
    const form = new URLSearchParams({ username: username.toUpperCase(), secret: `secret of ${username}` })
    expect(await logIn(form.toString(), FORM)).toMatchObject({ status: 200, data: { user: { username } } })
  })

  it.each(BAD_BINDINGS)('answers 400 BAD_BINDING to %j', async (body) => {
    expect(await logIn(body)).toMatchObject(failure(400, 'BAD_BINDING'))
  })

  it.each(['nobody', '', 'a\u0000', '\ud800', 'hasOwnProperty'])(
    'answers 400 USER_NOT_FOUND to the unknown name %j',
    async (username) => {
      const headers = { 'x-forwarded-for': '10.7.0.1' }
      expect(await logIn({ username, secret: 'x' }, headers)).toMatchObject(failure(400, 'USER_NOT_FOUND'))
    },
  )

  it('answers 401 PASSWORD_MATCH_FAILED to a wrong secret, also an empty or endless one', async () => {
    const { username } = await signUp(url, newName())
    const headers = { 'x-forwarded-for': '10.7.0.2' }
    for (const secret of ['wrong', '', 'x'.repeat(2000)]) {
      expect(await logIn({ username, secret }, headers)).toMatchObject(failure(401, 'PASSWORD_MATCH_FAILED'))
    }
  })

  it('answers 429 RATE_LIMITED with Retry-After after 10 failures from one address, also to the right secret', async () => {
    const { username } = await signUp(url, newName())
    const from = { 'x-forwarded-for': '10.7.0.3' }
    for (let i = 0; i < 10; i++) expect((await logIn({ username, secret: 'wrong' }, from)).status).toBe(401)
    const refused = await logIn({ username, secret: `secret of ${username}` }, from)
    expect(refused).toMatchObject(failure(429, 'RATE_LIMITED'))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const elsewhere = { 'x-forwarded-for': '10.7.0.4' }
    expect(await logIn({ username, secret: `secret of ${username}` }, elsewhere)).toMatchObject({
      status: 200,
    })
  })

  it('answers 401 PASSWORD_MATCH_FAILED to both with CHAT_HIDE_UNKNOWN_USERS=true', async () => {
    await using hiding = await install({ env: { CHAT_HIDE_UNKNOWN_USERS: 'true' } })
    const { username } = await signUp(hiding.first.url, newName())
    const answers = await Promise.all(
      [username, 'nobody'].map((name) =>
        post(`${hiding.first.url}/api/v1/login`, { username: name, secret: 'wrong' }),
      ),
    )
    for (const answer of answers) expect(answer).toMatchObject(failure(401, 'PASSWORD_MATCH_FAILED'))
    expect(answers[0]?.error).toEqual(answers[1]?.error)
  })
})

describe('GET /users/:id', () => {
  it('answers the user, without a token', async () => {
    const { id, username } = await signUp(url, newName())
    const answer = await get(`${url}/api/v1/users/${id}`)
    expect(answer).toMatchObject({ status: 200, error: null })
    expect(answer.data).toEqual({ id, username })
  })

  it.each(['999999', '0', '-1', '1.5', 'abc', '%201', '1e3', '99999999999999999999', '__proto__'])(
    'answers 404 USER_NOT_FOUND to %s',
    async (id) => {
      expect(await get(`${url}/api/v1/users/${id}`)).toMatchObject(failure(404, 'USER_NOT_FOUND'))
    },
  )
})

describe('every other error has the generic form', () => {
  it.each(['/api/v1/nothing', '/api/v1/rooms', '/api/v1/users', '/'])('404 for GET %s', async (path) => {
    expect(await get(`${url}${path}`)).toMatchObject(failure(404, 'NOT_FOUND'))
  })

  it('413 TOO_LARGE', async () => {
    const body = { username: 'x', secret: 'x'.repeat(10_000_000) }
    expect(await create(body)).toMatchObject(failure(413, 'TOO_LARGE'))
  })

  it('404 NOT_FOUND for a method that a path does not have', async () => {
    expect(await post(`${url}/api/v1/messages`, {})).toMatchObject(failure(404, 'NOT_FOUND'))
  })
})
