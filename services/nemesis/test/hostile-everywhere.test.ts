import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type Answer, type House, openHouse, type Process } from './support/house.ts'
import { addAdministrator } from './support/queue.ts'

const TEXTS = {
  'an asterisk': '*',
  'a filter': '*)(uid=*))(|(uid=*',
  'a DN': 'teacher_coll1,ou=users',
  'a NUL': 'a\u0000b',
  'a line feed': 'a\r\nBcc: x@y.zz',
  'a formula': "=cmd|' /C calc'!A0",
  'a quote': "'; DROP TABLE nemesis.audit; --",
  'a prototype': '__proto__',
  'a path': '../../etc/passwd',
  'bidi and zero width': '\u202etxt\u200b',
  '10 kB': 'x'.repeat(10_000),
}

type Ask = (x: string) => Promise<Answer>

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let admin: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    admin = await nemesis.token(await addAdministrator(house))
  })
  afterAll(() => house[Symbol.asyncDispose]())

  const path = encodeURIComponent
  /** Whatever there is to ask for, with a hostile text in every place that takes one. */
  const ENDPOINTS: Record<string, Ask[]> = {
    'POST /auth': [(x) => nemesis.postJson('/auth', { username: x, password: x, scope: x })],
    'POST /deauth': [(x) => nemesis.postJson('/deauth', { token: x })],
    'GET /college': [(x) => nemesis.get(`/college?token=${path(x)}`)],
    'GET /user/:userid': [(x) => nemesis.get(`/user/${path(x)}`, admin)],
    'POST /user/:userid': [
      (x) => nemesis.postJson(`/user/${path(x)}`, { password: x }, admin),
      (x) => nemesis.postJson('/user/student_coll1_1', { email: x }, admin),
      (x) => nemesis.postJson('/user/student_coll1_1', { email: `${x}@example.org` }, admin),
    ],
    'POST /user/register': [
      (x) =>
        nemesis.postJson(
          '/user/register',
          { first_name: x, last_name: x, email: `${x}@a.org`, team: x },
          admin,
        ),
      (x) =>
        nemesis.postJson('/user/register', { first_name: x, last_name: x, email: 'a@a.org', team: x }, admin),
    ],
    'GET /audit': [
      (x) => nemesis.get(`/audit?actor=${path(x)}&action=${path(x)}`, admin),
      (x) => nemesis.get(`/audit?before=${path(x)}`, admin),
      (x) => nemesis.get(`/audit?count=${path(x)}`, admin),
    ],
    'GET /registrations': [
      (x) => nemesis.get(`/registrations?state=${path(x)}`, admin),
      (x) => nemesis.get(`/registrations?after=${path(x)}&count=${path(x)}`, admin),
      (x) => nemesis.get(`/registrations?college=${path(x)}&format=${path(x)}`, admin),
    ],
    'POST /registrations/:id/approve': [
      (x) => nemesis.postJson(`/registrations/${path(x)}/approve`, {}, admin),
      (x) => nemesis.postJson('/registrations/1/approve', { team: x }, admin),
    ],
    'POST /registrations/:id/reject': [
      (x) => nemesis.postJson(`/registrations/${path(x)}/reject`, { reason: 'x' }, admin),
      (x) => nemesis.postJson('/registrations/999999/reject', { reason: x }, admin),
    ],
    'POST /registrations/import': [(x) => nemesis.postJson('/registrations/import', x, admin)],
    'GET /verify': [(x) => nemesis.get(`/verify/${path(x)}/${path(x)}`)],
    'GET /activate': [(x) => nemesis.get(`/activate/${path(x)}/${path(x)}`)],
    'POST /activate': [(x) => nemesis.postJson(`/activate/${path(x)}/${path(x)}`, { password: x })],
    'GET /reset_password': [(x) => nemesis.get(`/reset_password/teacher_coll1/${path(x)}`)],
    'POST /reset_password': [
      (x) => nemesis.postJson('/reset_password', { username: x }),
      (x) => nemesis.postJson('/reset_password', { email: `${x}@example.org` }),
      (x) => nemesis.postJson(`/reset_password/${path(x)}/${path(x)}`, { password: x }),
    ],
  }

  describe.each(Object.entries(ENDPOINTS))('%s', (_endpoint, asks) => {
    it.each(Object.entries(TEXTS))(
      'has an answer to %s, and is no fault of the service',
      async (_what, text) => {
        for (const ask of asks) {
          const { status, body } = await ask(text)
          expect(status).toBeLessThan(500)
          if (status < 400) continue
          expect(body).toEqual(expect.any(Object))
          const { error } = body as { error?: string }
          // Short, so that nothing long of what was sent is in it.
          if (error !== undefined) expect(error).toMatch(/^[^\r\n\0]{1,200}$/)
        }
      },
    )
  })

  it('afterwards everybody is there as before, and nobody besides', async () => {
    expect(await nemesis.get('/college', admin)).toMatchObject({
      status: 200,
      body: { userids: ['admin', 'student_coll2_1', 'student_coll2_2', 'teacher_coll2'] },
    })
    expect(await house.isPassword('teacher_coll1', 'facebees')).toBe(true)
    expect(await house.emailOf('teacher_coll1')).toBe('teacher1@teacher.com')
  })
})
