import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type Answer, type House, openHouse, type Process, request } from './support/house.ts'
import { type MailServer, mailServer, type Received } from './support/smtp.ts'

const REFUSED = { status: 403, body: {} }

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let server: MailServer
  beforeAll(async () => {
    ;[house, server] = await Promise.all([openHouse({ directory }), mailServer()])
    nemesis = await house.process({ SMTP_URL: server.url, MAIL_FROM: 'nobody@school.example' })
  })
  afterAll(async () => {
    await house[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  interface Someone {
    userid: string
    email: string
    token: string
  }
  let count = 0
  async function logIn(username: string, password: string): Promise<string> {
    const { status, body } = await nemesis.post('/auth', { username, password, scope: 'self' })
    expect(status).toBe(200)
    return (body as { token: string }).token
  }
  /** Somebody new, logged in for himself. */
  async function someone(roles: 'blueshirt'[] = []): Promise<Someone> {
    const userid = `someone${++count}`
    const email = `${userid}@example.org`
    const { password } = await house.add({ userid, email, roles, colleges: ['college-1'] })
    return { userid, email, token: await logIn(userid, password) }
  }
  /** From an address of its own, so that no other test's limit counts. */
  const from = (address: string, path: string, form: Record<string, string>): Promise<Answer> =>
    request(`${nemesis.server.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { 'x-forwarded-for': address },
    })
  /** The next mail to somebody; others' may still be on their way. */
  async function mailTo(address: string): Promise<Received> {
    for (;;) {
      const mail = await server.next()
      if (mail.to[0] === address) return mail
    }
  }
  const allSent = () => expect.poll(() => house.storage.outbox.waiting()).toBe(0)
  let host = 0
  const ask = (form: Record<string, string>) => from(`203.0.113.${++host}`, '/reset_password', form)

  describe('a token for oneself', () => {
    it('is given to students and mentors, and lets them see themselves and nothing else', async () => {
      for (const roles of [[], ['blueshirt']] as 'blueshirt'[][]) {
        const { userid, email, token } = await someone(roles)
        expect(await nemesis.get(`/user/${userid.toUpperCase()}`, token)).toMatchObject({
          status: 200,
          body: { full_name: `Test ${userid}`, email },
        })
        for (const path of ['/college', '/user/student_coll1_1', '/user/nobody', '/audit', '/registrations'])
          expect(await nemesis.get(path, token), path).toMatchObject(REFUSED)
        const changes = { email: 'x@example.org', password: 'x' }
        expect(await nemesis.post('/user/student_coll1_1', changes, token)).toMatchObject(REFUSED)
        expect(await nemesis.post('/user/register', {}, token)).toMatchObject(REFUSED)
        expect(await nemesis.post('/registrations/1/approve', {}, token)).toMatchObject(REFUSED)
      }
    })

    it('is asked for: without, a student is still not a teacher', async () => {
      const { userid } = await someone()
      const credentials = { username: userid, password: 'correct horse' }
      for (const more of [{}, { scope: '' }, { scope: 'SELF' }, { scope: 'all' }])
        expect(await nemesis.post('/auth', { ...credentials, ...more })).toMatchObject({
          status: 403,
          body: { error: 'not a teacher' },
        })
      expect(await nemesis.post('/auth', { ...credentials, password: 'x', scope: 'self' })).toMatchObject({
        status: 403,
        body: { error: 'invalid credentials' },
      })
    })

    it('of a team leader is as good as any', async () => {
      const token = await logIn('teacher_coll1', 'facebees')
      expect((await nemesis.get('/college', token)).status).toBe(200)
    })

    it('is taken back by /deauth', async () => {
      const { userid, token } = await someone()
      expect((await nemesis.post('/deauth', { token })).status).toBe(200)
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject(REFUSED)
    })
  })

  describe('one’s own password', () => {
    it('changes at once, and takes back every token', async () => {
      const { userid, token } = await someone()
      const changed = await nemesis.post(`/user/${userid}`, { password: 'mine alone' }, token)
      expect(changed).toMatchObject({ status: 200, body: {} })
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject(REFUSED)
      await logIn(userid, 'mine alone')
    })
  })

  describe('one’s own address', () => {
    it('is only asked for: a link goes to the new one, a notice to the old one, and following the link changes it', async () => {
      const { userid, email, token } = await someone()
      const wanted = `new-${email}`
      expect(await nemesis.post(`/user/${userid}`, { email: wanted }, token)).toMatchObject({
        status: 202,
        body: {},
      })
      const mails = [await server.next(), await server.next()]
      const link = mails.find(({ to }) => to[0] === wanted)
      const notice = mails.find(({ to }) => to[0] === email)
      expect(link?.path).toMatch(new RegExp(`^/verify/${userid}/[\\w-]{43}$`))
      expect(notice?.email.text).toContain(userid)
      expect(notice?.email.text).not.toMatch(/https?:|new-/)
      expect(await house.emailOf(userid)).toBe(email)
      expect((await nemesis.get(link?.path ?? '')).status).toBe(200)
      expect(await house.emailOf(userid)).toBe(wanted)
    })

    it('changes at once where a team leader does it, himself included', async () => {
      const token = await nemesis.token()
      const { status } = await nemesis.post('/user/teacher_coll1', { email: 'leader@example.org' }, token)
      expect([status, await house.emailOf('teacher_coll1')]).toEqual([200, 'leader@example.org'])
    })

    it('that it is already is no change, and nobody is mailed', async () => {
      const { userid, email, token } = await someone()
      expect((await nemesis.post(`/user/${userid}`, { email }, token)).status).toBe(200)
      expect(await house.rows(`SELECT FROM nemesis.link WHERE userid = '${userid}'`)).toEqual([])
    })

    it('that is impossible or somebody else’s is 400, and nothing changes, the password neither', async () => {
      const { email: taken } = await someone()
      const { userid, token } = await someone()
      for (const email of [
        '',
        'x',
        'a@example.org\r\nBcc: b@example.org',
        'a@example.org,b@example.org',
        taken,
      ]) {
        const { status } = await nemesis.post(`/user/${userid}`, { email, password: 'new' }, token)
        expect(status, email).toBe(400)
      }
      expect(await house.isPassword(userid, 'correct horse')).toBe(true)
      expect(await house.rows(`SELECT FROM nemesis.link WHERE userid = '${userid}'`)).toEqual([])
    })

    it('may be asked for five times an hour', async () => {
      const { userid, token } = await someone()
      const askFor = (n: number) =>
        from('198.51.100.1', `/user/${userid}`, { token, email: `${n}-${userid}@example.org` })
      for (let n = 0; n < 5; n++) expect((await askFor(n)).status).toBe(202)
      const refused = await askFor(5)
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    })
  })

  describe('a forgotten password', () => {
    it('is mailed a link, by userid or by address, that sets another', async () => {
      const { userid, email } = await someone()
      for (const form of [{ username: userid.toUpperCase() }, { email: email.toUpperCase() }]) {
        expect(await ask(form)).toMatchObject({ status: 200, body: {} })
        const { path } = await mailTo(email)
        expect(path).toMatch(new RegExp(`^/reset_password/${userid}/`))
        expect((await nemesis.post(path, { password: `by ${Object.keys(form)}` })).status).toBe(200)
      }
      await logIn(userid, 'by email')
    })

    it('of nobody, or of somebody without an address, is answered alike, and nobody is mailed', async () => {
      await house.add({ userid: `mute-${directory}`, roles: [], colleges: ['college-1'] })
      const known = await someone()
      const forms = [
        { username: 'nobody' },
        { email: 'nobody@example.org' },
        { username: `mute-${directory}` },
        { username: '*)(uid=*' },
        { username: '\u0000' },
        { username: known.userid },
      ]
      const answers = await Promise.all(forms.map(ask))
      for (const { status, text } of answers) expect([status, text]).toEqual([200, '{}'])
      await mailTo(known.email)
      await allSent()
      const links = await house.rows("SELECT userid FROM nemesis.link WHERE kind = 'reset'")
      expect(links).toEqual([{ userid: known.userid }])
    })

    it('asked for too often by one person is answered as ever, but mailed no more', async () => {
      const { userid } = await someone()
      const links = () => house.rows(`SELECT code_hash FROM nemesis.link WHERE userid = '${userid}'`)
      let before = await links()
      for (let n = 0; n < 5; n++) {
        expect((await ask({ username: userid })).status).toBe(200)
        await expect.poll(links).not.toEqual(before)
        before = await links()
      }
      expect((await ask({ username: userid })).status).toBe(200)
      // What was asked for later is done already.
      const other = await someone()
      await ask({ username: other.userid })
      await mailTo(other.email)
      expect(await links()).toEqual(before)
    })

    it('is asked for 20 times an hour from one address, then 429', async () => {
      for (let n = 0; n < 20; n++)
        expect((await from('192.0.2.1', '/reset_password', { username: 'nobody' })).status).toBe(200)
      const refused = await from('192.0.2.1', '/reset_password', { username: 'nobody' })
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await from('192.0.2.2', '/reset_password', { username: 'nobody' })).status).toBe(200)
    })

    it('that was asked for is not forgotten by a process that stops', async () => {
      const { userid } = await someone()
      await using stopping = await house.process()
      expect((await stopping.post('/reset_password', { username: userid })).status).toBe(200)
      await stopping.app.close()
      expect(await house.rows(`SELECT kind FROM nemesis.link WHERE userid = '${userid}'`)).toEqual([
        { kind: 'reset' },
      ])
    })

    it('of whom, has to be said', async () => {
      for (const form of [
        {},
        { username: '' },
        { email: '' },
        { email: 'x' },
        { email: 'a@example.org\nBcc: b@c.de' },
      ]) {
        const bad = { status: 400, body: { error: expect.stringMatching(/./) as string } }
        expect(await ask(form as Record<string, string>)).toMatchObject(bad)
      }
    })
  })

  it('who is approved gets a mail, follows its link, and is logged in', async () => {
    await house.add({ userid: 'root', roles: ['administrator'], colleges: ['college-1'] })
    const admin = await nemesis.token({ username: 'root', password: 'correct horse' })
    const ada = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team: 'team-ABC' }
    expect((await nemesis.post('/user/register', ada, await nemesis.token())).status).toBe(200)
    const { body } = await nemesis.get('/registrations', admin)
    const [{ id } = { id: 0 }] = (body as { registrations: { id: number }[] }).registrations
    expect((await nemesis.post(`/registrations/${id}/approve`, {}, admin)).status).toBe(200)

    const { email, path } = await mailTo(ada.email)
    expect([email.to?.[0]?.name, email.subject]).toEqual(['Ada', 'Activate your account'])
    expect(path).toMatch(/^\/activate\/1_al1\//)
    expect((await nemesis.get(path)).status).toBe(200)
    const answer = await nemesis.post(path, { password: 'analytical engine' })
    expect(answer).toMatchObject({ status: 200, body: { userid: '1_al1' } })
    const { token } = answer.body as { token: string }
    expect(await nemesis.get('/user/1_al1', token)).toMatchObject({
      status: 200,
      body: { full_name: 'Ada Lovelace', email: 'ada@example.org' },
    })
    await logIn('1_al1', 'analytical engine')
  })

  it('what was done to oneself is in the audit, without a code or an address', async () => {
    const rows = await house.rows('SELECT action, actor, target, a::text AS entry FROM nemesis.audit a')
    const actions = new Set(rows.map(({ action }) => action))
    const expected = [
      'password-changed',
      'email-change-asked',
      'email-verified',
      'password-reset-asked',
      'password-reset',
      'activated',
    ]
    expect([...actions]).toEqual(expect.arrayContaining(expected))
    for (const { entry } of rows) expect(entry).not.toMatch(/@example\.org|[\w-]{43}/)
  })
})
