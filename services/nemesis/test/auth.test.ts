import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  const INVALID = { error: 'invalid credentials' }

  describe('POST /auth', () => {
    it('answers a team leader with a token', async () => {
      const { status, body } = await nemesis.post('/auth', LEADER)
      expect([status, Object.keys(body as object)]).toEqual([200, ['token']])
      const { token } = body as { token: string }
      expect((await nemesis.get('/college', token)).status).toBe(200)
    })

    it('takes parameters in the query, a form or JSON', async () => {
      const query = `/auth?${new URLSearchParams(LEADER)}`
      expect((await nemesis.post(query)).status).toBe(200)
      expect((await nemesis.post('/auth', LEADER)).status).toBe(200)
      expect((await nemesis.postJson('/auth', LEADER)).status).toBe(200)
    })

    it('lets the query win over the body, and what is not empty over what is', async () => {
      expect((await nemesis.post('/auth?password=wrong', LEADER)).status).toBe(403)
      expect((await nemesis.post('/auth?password=facebees', { ...LEADER, password: 'wrong' })).status).toBe(
        200,
      )
      expect((await nemesis.post('/auth?password=', LEADER)).status).toBe(200)
    })

    it('knows the userid in any case', async () => {
      expect((await nemesis.post('/auth', { ...LEADER, username: 'Teacher_COLL1' })).status).toBe(200)
    })

    it.each([
      ['a wrong password', { ...LEADER, password: 'wrong' }],
      ['an unknown name', { ...LEADER, username: 'nobody' }],
      ["a student's wrong password", { username: 'student_coll1_1', password: 'wrong' }],
      ['no password', { username: LEADER.username }],
      ['an empty password', { ...LEADER, password: '' }],
      ['no name', { password: LEADER.password }],
      ['no parameter at all', {}],
    ])('answers %s with invalid credentials', async (_what, parameters) => {
      const { status, body } = await nemesis.post('/auth', parameters as Record<string, string>)
      expect([status, body]).toEqual([403, INVALID])
    })

    it('answers a student, a mentor and whoever is not in the directory with not a teacher', async () => {
      const mentor = await house.add({ userid: 'mentor', roles: ['blueshirt'], colleges: ['college-1'] })
      const stranger = await house.add({ userid: 'signed-up-in-ide' })
      for (const credentials of [{ username: 'student_coll1_1', password: 'cows' }, mentor, stranger]) {
        const { status, body } = await nemesis.post('/auth', credentials)
        expect([status, body]).toEqual([403, { error: 'not a teacher' }])
      }
    })

    it('answers a team leader without a college with not in a college', async () => {
      const leader = await house.add({ userid: 'homeless', roles: ['team-leader'] })
      const { status, body } = await nemesis.post('/auth', leader)
      expect([status, body]).toEqual([403, { error: 'not in a college' }])
    })

    it('lets an administrator in, who is a team leader too', async () => {
      const admin = await house.add({ userid: 'admin', roles: ['administrator'], colleges: ['college-1'] })
      expect((await nemesis.post('/auth', admin)).status).toBe(200)
    })
  })

  describe('a token', () => {
    const own = directory === 'ldap' ? 'nemesis-ldap' : 'nemesis'
    const others = ['switchboard', directory === 'ldap' ? 'nemesis' : 'nemesis-ldap']

    const claimsOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

    async function leader() {
      const subject = await house.storage.directory.subject(LEADER.username)
      if (!subject) throw new Error('nobody')
      return subject
    }

    it('lives 24 hours, and is of nemesis alone', async () => {
      const claims = claimsOf(await nemesis.token())
      expect(claims).toMatchObject({ name: 'teacher_coll1', aud: own })
      expect(Number(claims['exp']) - Number(claims['iat'])).toBe(24 * 60 * 60)
      expect(claims).toHaveProperty('jti')
    })

    it('of one that has run out is refused', async () => {
      const { token } = nemesis.app.tokens.issue(await leader(), { ttlSeconds: -1 })
      expect((await nemesis.get('/college', token)).status).toBe(403)
    })

    it('of ide and chat, or of the other kind of directory, is refused', async () => {
      const claims = { ...claimsOf(nemesis.app.tokens.issue(await leader(), { ttlSeconds: 60 }).token) }
      const [namespace] = Object.keys(nemesis.app.jwt).filter((key) => /^[\w-]{8}$/.test(key))
      const sign = (aud: string) => nemesis.app.jwt[namespace ?? '']?.sign({ ...claims, aud }) ?? ''
      expect((await nemesis.get('/college', sign(own))).status).toBe(200)
      for (const aud of others) expect((await nemesis.get('/college', sign(aud))).status, aud).toBe(403)
    })

    it('may come as bearer, in the query, in a form or in JSON', async () => {
      const token = await nemesis.token()
      const path = '/user/student_coll1_1'
      const expected = { status: 200 }
      expect(await nemesis.get(path, token)).toMatchObject(expected)
      expect(await nemesis.get(`${path}?token=${token}`)).toMatchObject(expected)
      expect(await nemesis.post(path, { token })).toMatchObject(expected)
      expect(await nemesis.postJson(path, { token })).toMatchObject(expected)
      expect(await nemesis.get(path)).toMatchObject({ status: 403 })
    })

    it('good no more for whoever lost the rights or the college', async () => {
      const leader = await house.add({ userid: 'former', roles: ['team-leader'], colleges: ['college-1'] })
      const token = await nemesis.token(leader)
      expect((await nemesis.get('/college', token)).status).toBe(200)
      await house.strip('former')
      const { status, body } = await nemesis.get('/college', token)
      expect([status, body]).toEqual([403, {}])
    })
  })

  describe('failed log-ins', () => {
    const from = (address: string, credentials: Record<string, string>) =>
      fetch(`${nemesis.server.url}/auth`, {
        method: 'POST',
        body: new URLSearchParams(credentials),
        headers: { 'x-forwarded-for': address },
      })

    it('past 10 for one account are 429 with Retry-After to that address alone, a right password included', async () => {
      const { username, password } = await house.add({
        userid: 'guessed',
        roles: ['team-leader'],
        colleges: ['college-1'],
      })
      for (let i = 0; i < 10; i++)
        expect((await from('203.0.113.1', { username, password: `${i}` })).status).toBe(403)
      const refused = await from('203.0.113.1', { username, password })
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await refused.json()).toEqual({ error: expect.any(String) as string })
      expect((await from('203.0.113.2', { username, password })).status).toBe(200)
    })

    it('are not counted for not a teacher, nor for missing parameters', async () => {
      const student = await house.add({ userid: 'eager', roles: [], colleges: ['college-1'] })
      for (let i = 0; i < 11; i++) {
        expect(await (await from('203.0.113.3', student)).json()).toEqual({ error: 'not a teacher' })
        expect(await (await from('203.0.113.3', { username: student.username })).json()).toEqual(INVALID)
      }
    })
  })

  describe('POST /deauth', () => {
    it('takes the token back, and answers 200 with an empty body', async () => {
      const token = await nemesis.token()
      for (let i = 0; i < 2; i++) {
        const { status, text, headers } = await nemesis.post('/deauth', { token })
        expect([status, text, headers.get('content-type')]).toEqual([200, '', null])
        expect(await nemesis.get('/college', token)).toMatchObject({ status: 403, body: {} })
      }
    })

    it('leaves the other tokens of that person', async () => {
      const [one, other] = [await nemesis.token(), await nemesis.token()]
      await nemesis.post('/deauth', { token: one })
      expect((await nemesis.get('/college', other)).status).toBe(200)
    })

    it('with NEMESIS_DEBUG tells whether there was something to take back', async () => {
      const debug = await house.process({ NEMESIS_DEBUG: 'true' })
      const token = await debug.token()
      const answer = async (parameters?: Record<string, string>) => {
        const { status, body } = await debug.post('/deauth', parameters)
        return [status, body]
      }
      expect(await answer({ token })).toEqual([200, { deleted: true }])
      expect(await answer({ token })).toEqual([200, { deleted: false }])
      expect(await answer({ token: 'nonsense' })).toEqual([200, { deleted: false }])
      expect(await answer()).toEqual([200, { deleted: false }])
    })

    it('of two at once says so to one', async () => {
      const debug = await house.process({ NEMESIS_DEBUG: 'true' })
      const token = await debug.token()
      const answers = await Promise.all(Array.from({ length: 5 }, () => debug.post('/deauth', { token })))
      expect(answers.filter(({ body }) => (body as { deleted: boolean }).deleted)).toHaveLength(1)
    })

    it.each([
      ['broken JSON', 'application/json', '{"token":'],
      ['an array', 'application/json', '[]'],
      ['null', 'application/json', 'null'],
      ['a token that is no text', 'application/json', '{"token":{"a":1}}'],
      ['bytes', 'application/octet-stream', '\u0000\u0001'],
      ['a type that is none', 'garbage', 'x'],
      ['more than is read', 'application/json', `"${'x'.repeat(300_000)}"`],
    ])('answers %s with 200 and an empty body', async (_what, type, body) => {
      const response = await fetch(`${nemesis.server.url}/deauth`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
      expect([response.status, await response.text()]).toEqual([200, ''])
    })
  })
})
