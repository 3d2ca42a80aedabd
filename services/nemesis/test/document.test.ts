import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, openHouse } from './support/house.ts'

onEachDirectory((directory) => {
  /** A client that knows the document and nothing else: forms, the parameter `token`, status codes, the keys of the bodies. */
  class DocumentClient {
    readonly #base: string
    #token = ''

    constructor(base: string) {
      this.#base = base
    }

    async #send(method: string, path: string, parameters: Record<string, string> = {}) {
      const encoded = new URLSearchParams(parameters)
      const response =
        method === 'GET'
          ? await fetch(`${this.#base}${path}?${encoded}`)
          : await fetch(`${this.#base}${path}`, { method, body: encoded })
      return { code: response.status, text: await response.text() }
    }

    async auth(username: string, password: string): Promise<string | undefined> {
      const { code, text } = await this.#send('POST', '/auth', { username, password })
      const body = JSON.parse(text) as { token?: string; error?: string }
      if (code === 200) this.#token = body.token ?? ''
      return code === 200 ? undefined : body.error
    }

    async deauth() {
      return this.#send('POST', '/deauth', { token: this.#token })
    }

    async college() {
      const { code, text } = await this.#send('GET', '/college', { token: this.#token })
      return { code, body: JSON.parse(text) as { userids: string[]; teams: string[]; college_name: string } }
    }

    async user(userid: string) {
      const { code, text } = await this.#send('GET', `/user/${userid}`, { token: this.#token })
      return { code, body: JSON.parse(text) as { full_name: string; email: string } }
    }

    async update(userid: string, changes: { email?: string; password?: string }) {
      return (await this.#send('POST', `/user/${userid}`, { token: this.#token, ...changes })).code
    }

    async register(person: { first_name: string; last_name: string; email: string; team: string }) {
      return (await this.#send('POST', '/user/register', { token: this.#token, ...person })).code
    }

    async sha() {
      return this.#send('GET', '/site/sha')
    }
  }

  let house: House
  let url: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    url = (await house.process()).server.url
  })
  afterAll(() => house[Symbol.asyncDispose]())

  describe.each(['', '/userman'])('a client that knows the document only, below "%s"', (prefix) => {
    it('is told what is wrong', async () => {
      const client = new DocumentClient(url + prefix)
      expect(await client.auth('teacher_coll1', 'wrong')).toBe('invalid credentials')
      expect(await client.auth('student_coll1_2', 'cows')).toBe('not a teacher')
      expect((await client.college()).code).toBe(403)
      expect((await client.user('student_coll1_1')).code).toBe(403)
      expect(await client.update('student_coll1_1', { email: 'x@example.org' })).toBe(403)
    })

    it('lives a leader’s day', async () => {
      const client = new DocumentClient(url + prefix)
      expect(await client.auth('teacher_coll1', 'facebees')).toBe(undefined)
      const { code, body } = await client.college()
      expect([code, body.college_name]).toEqual([200, 'college the first'])
      expect(body.userids).toContain('student_coll1_1')
      expect(body.teams).toContain('team-ABC')
      for (const userid of body.userids) {
        const person = await client.user(userid)
        expect([person.code, typeof person.body.full_name, typeof person.body.email]).toEqual([
          200,
          'string',
          'string',
        ])
      }
      const email = `new${prefix.length}@example.org`
      expect(await client.update('student_coll1_1', { email })).toBe(200)
      expect((await client.user('student_coll1_1')).body.email).toBe(email)
      expect(await client.update('student_coll1_1', { password: 'a new one' })).toBe(200)
      expect(
        await client.register({
          first_name: 'Ada',
          last_name: 'L',
          email: 'ada@example.org',
          team: 'team-ABC',
        }),
      ).toBe(200)
      expect(await client.deauth()).toEqual({ code: 200, text: '' })
      expect((await client.college()).code).toBe(403)
    })

    it('reads the revision without logging in', async () => {
      const { code, text } = await new DocumentClient(url + prefix).sha()
      expect(code).toBe(200)
      expect(text).toMatch(/^[0-9a-f]{40}$/)
    })
  })
})
