import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type Answer, type House, openHouse, type Process, request } from './support/house.ts'
import { type LinkMaker, linkMaker } from './support/links.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let links: LinkMaker
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    links = linkMaker(house)
  })
  afterAll(async () => {
    await links[Symbol.asyncDispose]()
    await house[Symbol.asyncDispose]()
  })

  const asBrowser = (path: string, form?: Record<string, string>): Promise<Answer> =>
    request(`${nemesis.server.url}${path}`, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })

  let count = 0
  /** Somebody new, who has a password. */
  async function someone(): Promise<{ userid: string; email: string }> {
    const userid = `someone${++count}`
    const email = `${userid}@example.org`
    await house.add({ userid, email, roles: [], colleges: ['college-1'] })
    return { userid, email }
  }
  const isPassword = (userid: string, password: string) => house.isPassword(userid, password)

  const NONE = { status: 404, body: { error: expect.stringMatching(/./) as string } }
  const WRONG = { ...NONE, status: 403 }
  const EXPIRED = { ...NONE, status: 410 }

  describe.each([
    ['activate', 'activate'],
    ['reset', 'reset_password'],
  ] as const)('a link to %s', (kind, segment) => {
    it('leads to a form, and changes nothing, however often it is looked at', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      expect(path).toMatch(new RegExp(`^/${segment}/${userid}/[\\w-]{43}$`))
      for (let i = 0; i < 3; i++) {
        expect(await nemesis.get(path)).toMatchObject({ status: 200, body: { userid } })
        const page = await asBrowser(path)
        expect(page.status).toBe(200)
        expect(page.text).toMatch(/<form method="post">.*<label for="password">.*type="password"/s)
        expect((await request(`${nemesis.server.url}${path}`, { method: 'HEAD' })).status).toBe(200)
      }
      expect(await isPassword(userid, 'correct horse')).toBe(true)
      expect((await nemesis.post(path, { password: 'mine' })).status).toBe(200)
    })

    it('sets the password, logs its person in, and is good no more', async () => {
      const { userid, email } = await someone()
      const path = await links.make({ kind, userid })
      const { status, body } = await nemesis.post(path, { password: 'battery staple' })
      expect([status, Object.keys(body as object)]).toEqual([200, ['token', 'userid']])
      const { token } = body as { token: string }
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject({ status: 200, body: { email } })
      expect(await isPassword(userid, 'battery staple')).toBe(true)
      expect(await nemesis.get(path)).toMatchObject(NONE)
      expect(await nemesis.post(path, { password: 'another' })).toMatchObject(NONE)
      expect(await isPassword(userid, 'battery staple')).toBe(true)
    })

    it('takes JSON, and a browser’s form, whose answer is a page without the token', async () => {
      const { userid } = await someone()
      const first = await links.make({ kind, userid })
      expect(await nemesis.postJson(first, { password: 'from json' })).toMatchObject({ body: { userid } })
      const path = await links.make({ kind, userid })
      const page = await asBrowser(path, { username: userid, password: 'from a form' })
      expect(page).toMatchObject({ status: 200, body: undefined })
      expect(page.text).toContain('Your password is set')
      expect(page.text).not.toMatch(/eyJ/)
      expect(await isPassword(userid, 'from a form')).toBe(true)
      expect((await asBrowser(path)).status).toBe(404)
    })

    it('with a password that is none is 400, and stays good', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      for (const password of ['', 'x'.repeat(1025)]) {
        const bad = { status: 400, body: { error: expect.stringMatching(/^password/) as string } }
        expect(await nemesis.post(path, { password })).toMatchObject(bad)
        const page = await asBrowser(path, { password })
        expect([page.status, page.text]).toEqual([400, expect.stringMatching(/role="alert".*<form/s)])
      }
      for (const body of ['', '{"broken', '[]', '{"password":1}', 'null'])
        expect((await nemesis.postJson(path, body)).status).toBe(400)
      // A URL is no place for a password.
      expect((await nemesis.post(`${path}?password=inthequery`)).status).toBe(400)
      expect((await nemesis.post(path, { password: 'good' })).status).toBe(200)
    })

    it('takes back every token that its person had, and the other links that set a password', async () => {
      const { userid } = await someone()
      const scope = { username: userid, password: 'correct horse', scope: 'self' }
      const { token } = (await nemesis.post('/auth', scope)).body as { token: string }
      const other = await links.make({ kind: kind === 'reset' ? 'activate' : 'reset', userid })
      const verify = await links.make({ kind: 'verify', userid, email: `new-${userid}@example.org` })
      await nemesis.post(await links.make({ kind, userid }), { password: 'battery staple' })
      expect(await nemesis.get(`/user/${userid}`, token)).toMatchObject({ status: 403 })
      expect(await nemesis.get(other)).toMatchObject(NONE)
      expect((await nemesis.get(verify)).status).toBe(200)
    })

    it('used by several at once is good for one', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      const passwords = ['one', 'two', 'three', 'four', 'five']
      const answers = await Promise.all(passwords.map((password) => nemesis.post(path, { password })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404])
      const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? ''
      expect(await isPassword(userid, winner)).toBe(true)
    })
  })

  describe('a link to verify', () => {
    it('takes the address over when it is followed, once', async () => {
      const { userid } = await someone()
      const email = `new-${userid}@example.org`
      const path = await links.make({ kind: 'verify', userid, email })
      expect(path).toMatch(new RegExp(`^/verify/${userid}/[\\w-]{43}$`))
      const url = `${nemesis.server.url}${path}`
      expect((await request(url, { method: 'HEAD' })).status).toBe(404)
      expect(await house.emailOf(userid)).not.toBe(email)
      expect(await nemesis.get(path)).toMatchObject({ status: 200, body: { userid } })
      expect(await house.emailOf(userid)).toBe(email)
      expect(await nemesis.get(path)).toMatchObject(NONE)
    })

    it('answers a browser with a page', async () => {
      const { userid } = await someone()
      const page = await asBrowser(await links.make({ kind: 'verify', userid }))
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('address is confirmed')])
    })

    it('to an address that is somebody else’s by now is 409, and good once it is not', async () => {
      const { userid } = await someone()
      const rival = await someone()
      const path = await links.make({ kind: 'verify', userid, email: rival.email })
      expect(await nemesis.get(path)).toMatchObject({ ...NONE, status: 409 })
      expect((await asBrowser(path)).status).toBe(409)
      const token = await nemesis.token()
      await nemesis.post(`/user/${rival.userid}`, { email: `other-${rival.email}` }, token)
      expect((await nemesis.get(path)).status).toBe(200)
    })

    it('takes back the links that went to the address before', async () => {
      const { userid } = await someone()
      const reset = await links.make({ kind: 'reset', userid })
      await nemesis.get(await links.make({ kind: 'verify', userid, email: `new-${userid}@example.org` }))
      expect(await nemesis.get(reset)).toMatchObject(NONE)
    })
  })

  describe.each(['activate', 'reset', 'verify'] as const)('of links to %s', (kind) => {
    it('one with another code is 403, and changes nothing; one that never was is 404', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid, email: `new-${userid}@example.org` })
      const wrong = links.wrong(path)
      for (const bad of [wrong, wrong.slice(0, -42), `${path}x`])
        expect(await nemesis.get(bad)).toMatchObject(WRONG)
      expect((await asBrowser(wrong)).text).toMatch(/role="alert"/)
      if (kind !== 'verify') expect(await nemesis.post(wrong, { password: 'x' })).toMatchObject(WRONG)
      const { userid: nobody } = await someone()
      expect(await nemesis.get(path.replace(userid, nobody))).toMatchObject(NONE)
      expect(await nemesis.get(path.replace(userid, 'nobody'))).toMatchObject(NONE)
      expect(await house.emailOf(userid)).toBe(`${userid}@example.org`)
      expect((await nemesis.get(path)).status).toBe(200)
    })

    it('one that is too old is 410, and a month later 404', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      const age = (days: number) =>
        house.rows(
          `UPDATE nemesis.link SET expires = now() - interval '${days} days' WHERE userid = '${userid}'`,
        )
      await age(0)
      expect(await nemesis.get(path)).toMatchObject(EXPIRED)
      expect((await asBrowser(path)).status).toBe(410)
      if (kind !== 'verify') {
        expect(await nemesis.post(path, { password: 'x' })).toMatchObject(EXPIRED)
        expect(await isPassword(userid, 'correct horse')).toBe(true)
      }
      await age(31)
      await links.make({ kind, userid: (await someone()).userid })
      expect(await nemesis.get(path)).toMatchObject(NONE)
    })

    it('lives as long as the document says', async () => {
      const { userid } = await someone()
      await links.make({ kind, userid })
      const [row] = await house.rows(
        `SELECT round(extract(epoch FROM expires - now()) / 86400)::int AS days FROM nemesis.link WHERE userid = '${userid}'`,
      )
      expect(row).toEqual({ days: { activate: 5, reset: 2, verify: 3 }[kind] })
    })

    it('a newer one replaces the one before', async () => {
      const { userid } = await someone()
      const before = await links.make({ kind, userid })
      const now = await links.make({ kind, userid })
      expect(await nemesis.get(before)).toMatchObject(WRONG)
      expect((await nemesis.get(now)).status).toBe(200)
    })

    it('the database knows no code', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      const code = path.split('/').at(-1) ?? ''
      const [row] = await house.rows(`SELECT l::text AS link FROM nemesis.link l WHERE userid = '${userid}'`)
      expect(row?.['link']).toContain(userid)
      const mails = await house.rows('SELECT sealed FROM nemesis.mail')
      const kept = mails.map((mail) =>
        Buffer.from((mail['sealed'] as Uint8Array | null) ?? []).toString('latin1'),
      )
      const hex = (text: string | Buffer) => Buffer.from(text).toString('hex')
      const forms = [code, hex(code), hex(Buffer.from(code, 'base64url'))]
      for (const form of forms)
        for (const text of [String(row?.['link']), ...kept]) expect(text).not.toContain(form)
    })

    it('of somebody who left the directory it is 404', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind, userid })
      await house.storage.directory.remove(userid)
      const answer = kind === 'verify' ? nemesis.get(path) : nemesis.post(path, { password: 'x' })
      expect(await answer).toMatchObject(NONE)
    })

    it('whatever stands in its URL, the answer is a refusal', async () => {
      const segment = { activate: 'activate', reset: 'reset_password', verify: 'verify' }[kind]
      const strange = [
        '%00',
        '%ff',
        '*',
        ')(uid=*',
        '%2e%2e',
        '%0d%0aSet-Cookie:a=b',
        'x'.repeat(3000),
        '%F0%9F%A6%8A',
        "'--",
      ]
      for (const one of strange)
        for (const path of [`/${segment}/${one}/code`, `/${segment}/student_coll1_1/${one}`]) {
          const { status, headers } = await nemesis.get(path)
          expect([400, 403, 404, 414], path).toContain(status)
          expect(headers.has('set-cookie')).toBe(false)
        }
    })
  })

  it('a new address, or a new password, by a team leader takes back what was mailed before', async () => {
    const { userid } = await someone()
    const token = await nemesis.token()
    const activate = await links.make({ kind: 'activate', userid })
    await nemesis.post(`/user/${userid}`, { password: 'by the leader' }, token)
    expect(await nemesis.get(activate)).toMatchObject(NONE)
    const reset = await links.make({ kind: 'reset', userid })
    const verify = await links.make({ kind: 'verify', userid })
    await nemesis.post(`/user/${userid}`, { email: `right-${userid}@example.org` }, token)
    for (const path of [reset, verify]) expect(await nemesis.get(path)).toMatchObject(NONE)
  })

  it('a link that somebody began to use and never finished is good again after a minute', async () => {
    const { userid } = await someone()
    const path = await links.make({ kind: 'reset', userid })
    const held = (until: string) =>
      house.rows(
        `UPDATE nemesis.link SET claim = '${randomUUID()}', leased_until = now() + interval '${until}' WHERE userid = '${userid}'`,
      )
    await held('60 seconds')
    const waiting = nemesis.post(path, { password: 'patience' })
    await held('-1 seconds')
    expect((await waiting).status).toBe(200)
  })

  describe('a page', () => {
    it('runs nothing, loads nothing, is framed nowhere, kept nowhere, and names its URL to nobody', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind: 'activate', userid })
      for (const page of [
        await asBrowser(path),
        await asBrowser(links.wrong(path)),
        await asBrowser('/verify/a/b'),
      ]) {
        expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
        expect(page.headers.get('content-security-policy')).toMatch(
          /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        )
        expect(page.headers.get('cache-control')).toBe('no-store')
        expect(page.headers.get('referrer-policy')).toBe('no-referrer')
        expect(page.headers.get('x-content-type-options')).toBe('nosniff')
        expect(page.text).not.toMatch(/<script|<img|<link|https?:|\son\w+=|style="/i)
        expect(page.text).toContain('color-scheme: light dark')
        expect(page.text).toContain('width=device-width')
      }
    })

    it('shows what it is told as text', async () => {
      const userid = '<b onclick="x">&\'bold\''
      await house.add({ userid, email: 'bold@example.org', roles: [], colleges: ['college-1'] })
      const page = await asBrowser(await links.make({ kind: 'activate', userid, email: 'bold@example.org' }))
      expect(page.text).toContain('value="&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;bold&#39;"')
    })

    it('is there below /userman too', async () => {
      const { userid } = await someone()
      const path = await links.make({ kind: 'activate', userid })
      expect((await asBrowser(`/userman${path}`)).status).toBe(200)
      expect((await nemesis.post(`/userman${path}`, { password: 'there' })).status).toBe(200)
    })
  })
})
