import { LIMITS } from '@switchboard/protocol/limits'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, install } from './support/installation.ts'
import { post, signUp, tokenOf } from './support/person.ts'

const FRIEND = 'https://friend.example'
const LOGGED_IN = { good: 'Wonderful, you logged in.' }

let installation: Installation
let url: string
beforeAll(async () => {
  installation = await install({ allowedOrigins: FRIEND })
  url = installation.first.url
})
afterAll(() => installation[Symbol.asyncDispose]())

const ask = async (path: string, body: unknown, headers?: Record<string, string>) => {
  const answer = await post(`${url}/api/v1/user/${path}`, body, headers)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, answer }
}
const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0] ?? ''
const repos = (headers: Record<string, string>, query = '') =>
  fetch(`${url}/api/v1/repos${query}`, { headers })

describe('user/auth', () => {
  test('answers a token and when it runs out, in milliseconds: 24 hours from now', async () => {
    const { name, password } = await signUp(url, 'auth-1')
    const before = Date.now()
    const { status, body } = await ask('auth', { username: name, password, ide_id: 'i' })
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(['token', 'expires'])
    const day = 24 * 60 * 60 * 1000
    expect(body['expires']).toBeGreaterThan(before + day - 1000)
    expect(body['expires']).toBeLessThanOrEqual(Date.now() + day)
  })

  test('puts the documented claims into the token', async () => {
    const { name, password } = await signUp(url, 'Auth-Claims')
    const token = await tokenOf(url, { name, password }, 'my-ide')
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({
      sub: expect.stringMatching(/^[1-9]\d*$/),
      name: 'Auth-Claims',
      iat: expect.any(Number),
      exp: claims.iat + 24 * 60 * 60,
      jti: expect.any(String),
      ide: 'my-ide',
    })
  })

  test('takes forms', async () => {
    const { name, password } = await signUp(url, 'auth-form')
    const body = new URLSearchParams({ username: name, password, ide_id: 'i' })
    expect((await fetch(`${url}/api/v1/user/auth`, { method: 'POST', body })).status).toBe(200)
  })

  test('sets no cookie', async () => {
    const { name, password } = await signUp(url, 'auth-cookie')
    const { answer } = await ask('auth', { username: name, password, ide_id: 'i' })
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('gives an unknown user and a wrong password one answer', async () => {
    const { name } = await signUp(url, 'auth-2')
    const wrong = await ask('auth', { username: name, password: 'wrong', ide_id: 'i' })
    const unknown = await ask('auth', { username: 'nobody', password: 'wrong', ide_id: 'i' })
    const impossible = await ask('auth', { username: 'a@b\u0000', password: 'wrong', ide_id: 'i' })
    expect([wrong.status, wrong.body]).toEqual([401, { error: 'unknown user or wrong password' }])
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body])
    expect([impossible.status, impossible.body]).toEqual([wrong.status, wrong.body])
    const headers = ({ answer }: typeof wrong) => [...answer.headers.keys()]
    expect(headers(unknown)).toEqual(headers(wrong))
  })

  test('takes as long for an unknown user as for a wrong password', async () => {
    const { name } = await signUp(url, 'auth-3')
    // Of this process, the service's too, whatever else the machine does: nearly all of it is the hash.
    const time = async (username: string) => {
      const before = process.cpuUsage()
      await ask('auth', { username, password: 'wrong', ide_id: 'i' })
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const known: number[] = []
    const unknown: number[] = []
    for (let round = 0; round < 7; round++) {
      known.push(await time(name))
      unknown.push(await time('nobody-at-all'))
    }
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2)
  })

  test.each([
    ['username', { password: 'p', ide_id: 'i' }],
    ['password', { username: 'u', ide_id: 'i' }],
    ['ide_id', { username: 'u', password: 'p' }],
    ['username', { username: 1, password: 'p', ide_id: 'i' }],
    ['password', { username: 'u', password: null, ide_id: 'i' }],
    ['ide_id', { username: 'u', password: 'p', ide_id: ['i'] }],
    ['ide_id', { username: 'u', password: 'p', ide_id: 'x'.repeat(129) }],
    ['ide_id', { username: 'u', password: 'p', ide_id: 'a\nb' }],
    ['object', [{ username: 'u', password: 'p', ide_id: 'i' }]],
    ['object', null],
    ['object', '"text"'],
    ['JSON', '{"username":'],
    ['JSON', '{"__proto__":{"username":"u"},"username":"u","password":"p","ide_id":"i"}'],
  ])('answers 400 and names the %s that is missing or wrong: %j', async (what, body) => {
    const answer = await ask('auth', body)
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining(what) } })
  })

  test('answers 400 to a form that names a parameter twice', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await ask('auth', 'username=a&username=b&password=p&ide_id=i', headers)).status).toBe(400)
  })
})

describe('user/login', () => {
  test('answers as documented and sets the cookie that GET /repos takes', async () => {
    const { name, password } = await signUp(url, 'login-1')
    const { status, body, answer } = await ask('login', { username: name, password })
    expect([status, body]).toEqual([200, LOGGED_IN])
    const cookie = cookieOf(answer)
    expect(cookie).toMatch(
      /^token=[\w-]+\.[\w-]+\.[\w-]+; Path=\/api\/v1; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    )
    expect((await repos({ cookie: cookie.split(';')[0] ?? '' })).status).toBe(200)
  })

  test('sets a Secure cookie behind TLS', async () => {
    const { name, password } = await signUp(url, 'login-2')
    const { answer } = await ask('login', { username: name, password }, { 'x-forwarded-proto': 'https' })
    expect(cookieOf(answer)).toMatch(/; Secure/)
  })

  test('takes the name in any case', async () => {
    const { name, password } = await signUp(url, 'Login-3')
    expect((await ask('login', { username: name.toUpperCase(), password })).status).toBe(200)
  })

  test('answers 401 without a cookie to a wrong password, and 400 to a missing one', async () => {
    const { name } = await signUp(url, 'login-4')
    const { status, answer } = await ask('login', { username: name, password: 'wrong' })
    expect([status, answer.headers.getSetCookie()]).toEqual([401, []])
    expect((await ask('login', { username: name })).status).toBe(400)
  })
})

describe('user/signup', () => {
  const fields = { username: 'sign-1', password: 'p', email: 'sign-1@example.org' }

  test('answers as documented, logs in, and takes a name and an e-mail address once', async () => {
    const { status, body, answer } = await ask('signup', fields)
    expect([status, body]).toEqual([200, LOGGED_IN])
    expect((await repos({ cookie: cookieOf(answer).split(';')[0] ?? '' })).status).toBe(200)

    const sameName = await ask('signup', { ...fields, username: 'SIGN-1', email: 'other@example.org' })
    expect(sameName).toMatchObject({ status: 409, body: { error: expect.stringContaining('username') } })
    const sameEmail = await ask('signup', { ...fields, username: 'sign-2', email: 'SIGN-1@example.org' })
    expect(sameEmail).toMatchObject({ status: 409, body: { error: expect.stringContaining('e-mail') } })
    expect(sameEmail.answer.headers.getSetCookie()).toEqual([])
  })

  test('lets one of two with the same name in at once', async () => {
    const both = await Promise.all(
      ['a', 'b'].map((one) =>
        ask('signup', { username: 'twin', password: 'p', email: `${one}@twins.example` }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  test.each([
    [{ username: '' }],
    [{ username: 'a/b' }],
    [{ username: ' a' }],
    [{ username: 'a\u0000b' }],
    [{ username: 'a\u202eb' }],
    [{ username: '\ud800' }],
    [{ username: 'x'.repeat(65) }],
    [{ username: 7 }],
    [{ password: '' }],
    [{ password: 'x'.repeat(1025) }],
    [{ password: undefined }],
    [{ email: 'nowhere' }],
    [{ email: '' }],
    [{ email: { at: 'x' } }],
    [{ email: undefined }],
  ])('answers 400 to what is unusable: %j', async (wrong) => {
    const good = { username: 'unusable', password: 'p', email: 'unusable@example.org' }
    const { status, body, answer } = await ask('signup', { ...good, ...wrong })
    expect([status, body]).toEqual([400, { error: expect.any(String) }])
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each(['__proto__', 'constructor', 'toString'])('takes %s as a name like any other', async (name) => {
    const { token } = await signUp(url, name)
    expect((await repos({}, `?token=${token}`)).status).toBe(200)
  })
})

describe('user/logout', () => {
  test('revokes the token and clears the cookie', async () => {
    const { name, password, token } = await signUp(url, 'logout-1')
    const cookie = cookieOf((await ask('login', { username: name, password })).answer).split(';')[0] ?? ''
    const { status, body, answer } = await ask('logout', undefined, { cookie, origin: url })
    expect([status, body]).toEqual([200, { good: expect.any(String) }])
    expect(cookieOf(answer)).toMatch(/^token=; Max-Age=0; Path=\/api\/v1; Expires=Thu, 01 Jan 1970/)
    expect((await repos({ cookie })).status).toBe(401)
    // Another token of the same person is none of its business.
    expect((await repos({}, `?token=${token}`)).status).toBe(200)
  })

  test('takes an explicit token too, and answers 401 without one', async () => {
    const { token } = await signUp(url, 'logout-2')
    expect((await ask('logout', undefined, { authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask('logout', undefined, { authorization: `Bearer ${token}` })).status).toBe(401)
    expect((await ask('logout', undefined)).status).toBe(401)
  })
})

describe('a change that only the cookie authorises', () => {
  let cookie: string
  beforeAll(async () => {
    const { name, password } = await signUp(url, 'cookie-1')
    cookie = cookieOf((await ask('login', { username: name, password })).answer).split(';')[0] ?? ''
  })
  const create = (headers: Record<string, string>, query = '') =>
    post(`${url}/api/v1/repos${query}`, { name: 'by cookie' }, headers)

  test('is taken from the same origin and from the allowed ones', async () => {
    expect((await create({ cookie, origin: url })).status).toBe(201)
    expect((await create({ cookie, origin: FRIEND })).status).toBe(201)
  })

  test('is refused with 403 from any other', async () => {
    const answer = await create({ cookie, origin: 'https://evil.example' })
    expect([answer.status, await answer.json()]).toEqual([403, { error: expect.any(String) }])
    expect((await create({ cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })

  test('is not one where an explicit token speaks for it: that wins over the cookie', async () => {
    const { token } = await signUp(url, 'cookie-2')
    const evil = { origin: 'https://evil.example', cookie }
    expect((await create({ ...evil, authorization: `Bearer ${token}` })).status).toBe(201)
    expect((await create(evil, `?token=${token}`)).status).toBe(201)
    const mine = await repos({ cookie }, `?token=${token}`)
    expect(
      ((await mine.json()) as { repos: { owner: { id: string } }[] }).repos.map(({ owner }) => owner.id),
    ).toEqual(['cookie-2', 'cookie-2'])
    expect((await repos({ cookie }, '?token=wrong')).status).toBe(401)
  })
})

test('only the allowed origins get CORS headers', async () => {
  const allowed = async (origin: string) =>
    (await repos({ origin })).headers.get('access-control-allow-origin')
  expect(await allowed(FRIEND)).toBe(FRIEND)
  expect(await allowed('https://evil.example')).toBeNull()
})

describe('limits', () => {
  test('10 failed log-ins for one account from one address are followed by 429 with Retry-After, for a right password too', async () => {
    await using fresh = await install()
    const { name, password } = await signUp(fresh.first.url, 'guess')
    const auth = (given: string) =>
      post(`${fresh.first.url}/api/v1/user/auth`, { username: name, password: given, ide_id: 'i' })
    for (let n = 0; n < LIMITS.logins.perAccountAndAddress; n++)
      expect((await auth('wrong')).status).toBe(401)
    const refused = await auth(password)
    expect([refused.status, await refused.json()]).toEqual([429, { error: expect.any(String) }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    // The other endpoint, another process and another address: one count, per address.
    const second = await fresh.start('two')
    const login = (headers: Record<string, string> = {}) =>
      post(`${second.url}/api/v1/user/login`, { username: name, password }, headers)
    expect((await login()).status).toBe(429)
    expect((await login({ 'x-forwarded-for': '192.0.2.7' })).status).toBe(200)
  })

  test('60 sign-ups a minute from one address are followed by 429 with Retry-After', async () => {
    await using fresh = await install()
    const tryOne = () =>
      post(`${fresh.first.url}/api/v1/user/signup`, { username: '', password: '', email: '' })
    for (let n = 0; n < LIMITS.signUps.points; n++) expect((await tryOne()).status).toBe(400)
    const refused = await tryOne()
    expect([refused.status, await refused.json()]).toEqual([429, { error: expect.any(String) }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('LIMITS=off turns them off', async () => {
    await using fresh = await install({ limits: 'off' })
    const tryOne = () =>
      post(`${fresh.first.url}/api/v1/user/signup`, { username: '', password: '', email: '' })
    for (let n = 0; n <= LIMITS.signUps.points; n++) expect((await tryOne()).status).toBe(400)
  })
})
