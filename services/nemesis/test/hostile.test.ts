import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process, request, SECRET, SHA } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let token: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    token = await nemesis.token()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  const REFUSED = { status: 403, body: {} }
  const ERROR = { error: expect.stringMatching(/./) as string }

  describe('POST /auth', () => {
    const NAMES = [
      '*',
      ')(',
      '*)(uid=*))(|(uid=*',
      'a\u0000',
      '\ud800',
      '__proto__',
      'constructor',
      'x'.repeat(10_000),
      '🦊',
      ' ',
      'register',
    ]

    it.each([
      ...NAMES.map((username): [string, unknown] => [
        `the name ${JSON.stringify(username).slice(0, 40)}`,
        { ...LEADER, username },
      ]),
      ...['*', 'a\u0000', '\udfff', 'x'.repeat(100_000)].map((password): [string, unknown] => [
        `the password ${JSON.stringify(password).slice(0, 40)}`,
        { ...LEADER, password },
      ]),
      ['a name that is an array', { ...LEADER, username: ['teacher_coll1'] }],
      ['a name that is an object', { ...LEADER, username: { $ne: '' } }],
      ['a password that is null', { ...LEADER, password: null }],
      ['a password that is true', { ...LEADER, password: true }],
      ['credentials in a prototype', '{"__proto__":{"username":"teacher_coll1","password":"facebees"}}'],
      ['an array', [LEADER]],
      ['null', null],
      ['a number', 1],
      ['broken JSON', '{"username":'],
      ['nothing', ''],
    ])('answers %s with invalid credentials', async (_what, body) => {
      expect(await nemesis.postJson('/auth', body)).toMatchObject({
        status: 403,
        body: { error: 'invalid credentials' },
      })
    })

    it('answers a parameter that comes twice with invalid credentials', async () => {
      for (const query of [
        'username=teacher_coll1&username=teacher_coll2',
        'password=facebees&password=noway',
      ])
        expect(await nemesis.post(`/auth?${query}`, LEADER)).toMatchObject({ status: 403 })
    })

    it('reads JSON and forms whatever type they claim, and no form in JSON’s name', async () => {
      const post = (type: string, body: string) =>
        request(`${nemesis.server.url}/auth`, { method: 'POST', body, headers: { 'content-type': type } })
      const json = JSON.stringify(LEADER)
      for (const type of ['text/plain', 'application/octet-stream', 'application/json; charset=utf-8'])
        expect(await post(type, json), type).toMatchObject({ status: 200 })
      const form = new URLSearchParams(LEADER).toString()
      expect(await post('Application/X-WWW-Form-Urlencoded; charset=utf-8', form)).toMatchObject({
        status: 200,
      })
      expect(await post('application/json', form)).toMatchObject({ status: 403 })
    })

    it('answers more than 256 KiB with 413', async () => {
      const answer = await nemesis.postJson('/auth', { ...LEADER, password: 'x'.repeat(300_000) })
      expect(answer).toMatchObject({ status: 413, body: ERROR })
    })
  })

  describe('a token', () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = (header: object, claims: object, secret: string) => {
      const text = `${part(header)}.${part(claims)}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }
    const claims = (): object =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
    const header = (): object =>
      JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object

    const tokens: [string, () => string][] = [
      ['of another key', () => signed(header(), claims(), 'x'.repeat(32))],
      ['of another key id', () => signed({ ...header(), kid: 'unknown' }, claims(), SECRET)],
      ['of no algorithm', () => `${part({ ...header(), alg: 'none' })}.${part(claims())}.`],
      [
        'of an algorithm that was not agreed on',
        () => signed({ ...header(), alg: 'HS512' }, claims(), SECRET),
      ],
      ['that ran out', () => signed(header(), { ...claims(), exp: 1 }, SECRET)],
      ['of chat and ide', () => signed(header(), { ...claims(), aud: 'switchboard' }, SECRET)],
      ['for nobody', () => signed(header(), { ...claims(), sub: '999999' }, SECRET)],
      [
        'whose claims are of other types',
        () => signed(header(), { ...claims(), sub: 1, name: ['x'] }, SECRET),
      ],
      ['with another signature', () => `${token.slice(0, -2)}AA`],
      ['with a cut signature', () => token.slice(0, -10)],
      ['of 10 kB', () => 'x'.repeat(10_000)],
      ['of three dots', () => '...'],
      ['with NUL', () => `${token}\u0000`],
    ]

    it('signed as ours are is taken, so that what follows is refused for its own reason', async () => {
      expect((await nemesis.get('/college', signed(header(), claims(), SECRET))).status).toBe(200)
    })

    it.each(tokens)('%s is refused with 403 and an empty object', async (_what, make) => {
      const bad = encodeURIComponent(make())
      for (const path of ['/college', '/user/student_coll1_1'])
        expect(await nemesis.get(`${path}?token=${bad}`)).toMatchObject(REFUSED)
      expect(
        await nemesis.post('/user/student_coll1_1', { token: make(), email: 'x@example.org' }),
      ).toMatchObject(REFUSED)
      expect(await nemesis.post('/user/register', { token: make() })).toMatchObject(REFUSED)
      expect(await nemesis.post('/deauth', { token: make() })).toMatchObject({ status: 200, text: '' })
    })

    it('that comes twice, or is no text, is refused', async () => {
      expect(await nemesis.get(`/college?token=${token}&token=${token}`)).toMatchObject(REFUSED)
      for (const bad of [[token], { token }, 1, true, null])
        expect(await nemesis.postJson('/user/student_coll1_1', { token: bad })).toMatchObject(REFUSED)
    })

    it('in a cookie counts for nothing', async () => {
      const answer = await request(`${nemesis.server.url}/college`, { headers: { cookie: `token=${token}` } })
      expect(answer).toMatchObject(REFUSED)
    })
  })

  describe('a userid', () => {
    it.each([
      ['*'],
      [')('],
      ['%00'],
      ['..%2f..'],
      ['__proto__'],
      ['constructor'],
      ['teacher_coll1%2cou=users'],
      ['%20teacher_coll1'],
      ['of 4,000 characters', 'x'.repeat(4000)],
    ])('%s is nobody’s: 403', async (name, userid = name) => {
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject(REFUSED)
      expect(await nemesis.post(`/user/${userid}`, { password: 'x' }, token)).toMatchObject(REFUSED)
    })

    it.each([
      ['that is no percent-encoding', '%zz', 400],
      ['that is half of one', '%', 400],
      ['that is a lone surrogate', '%ed%a0%80', 400],
      ['of 10 kB', 'x'.repeat(10_000), 414],
      ['with a slash', 'a/b', 404],
    ])('%s is in no path, and says so', async (_what, userid, status) => {
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject({ status, body: ERROR })
    })
  })

  describe('a change', () => {
    it.each([
      ['broken JSON', '{"email":'],
      ['an array', '[]'],
      ['null', 'null'],
      ['a text', '"email"'],
      ['an address that is an object', '{"email":{"$ne":""}}'],
      ['an address with a lone surrogate', '{"email":"\\ud800@example.org"}'],
      ['an address with NUL', '{"email":"a\\u0000@example.org"}'],
      ['an address of 10 kB', `{"email":"${'x'.repeat(10_000)}@example.org"}`],
      ['a password that is a number', '{"password":12345678}'],
    ])('that is %s is 400 with an error', async (_what, body) => {
      expect(await nemesis.postJson('/user/student_coll1_1', body, token)).toMatchObject({
        status: 400,
        body: ERROR,
      })
    })

    it('that comes twice is 400', async () => {
      const answer = await nemesis.post(
        '/user/student_coll1_1?email=a@example.org&email=b@example.org',
        {},
        token,
      )
      expect(answer).toMatchObject({ status: 400, body: ERROR })
    })

    it('in a prototype changes nothing', async () => {
      const answer = await nemesis.postJson(
        '/user/student_coll1_1',
        '{"__proto__":{"password":"mine"}}',
        token,
      )
      expect(answer.status).toBe(200)
      expect(await house.isPassword('student_coll1_1', 'cows')).toBe(true)
    })
  })

  describe('a path', () => {
    it.each([
      ['GET', '/'],
      ['GET', '/auth'],
      ['GET', '/nowhere'],
      ['POST', '/college'],
      ['DELETE', '/user/student_coll1_1'],
      ['GET', '/userman'],
      ['GET', '/userman/userman/college'],
      ['GET', '/user'],
      ['GET', '/site'],
    ])('%s %s is unknown: 404 with an error', async (method, path) => {
      const answer = await request(`${nemesis.server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      })
      expect(answer).toMatchObject({ status: 404, body: ERROR })
    })
  })

  describe('GET /site/sha', () => {
    it('is text/plain, 40 hex digits, for everyone', async () => {
      const { status, text, headers } = await nemesis.get('/site/sha')
      expect([status, text, headers.get('content-type')]).toEqual([200, SHA, 'text/plain; charset=utf-8'])
      expect(await nemesis.get('/site/sha?token=nonsense')).toMatchObject({ status: 200, text: SHA })
    })
  })

  it('after all that the service still answers, with what it had', async () => {
    expect(await nemesis.get('/college', token)).toMatchObject({
      status: 200,
      body: { userids: ['student_coll1_1', 'student_coll1_2', 'teacher_coll1'] },
    })
  })
})
