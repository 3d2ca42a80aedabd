import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, install } from './support/installation.ts'
import { api, type Person } from './support/person.ts'

interface Repo {
  id: string
  name: string
  url: string | null
  owner: { id: string; username: string }
  members: { id: string; username: string }[]
  created: number
}

let installation: Installation
let owner: Person
let member: Person
let stranger: Person
beforeAll(async () => {
  installation = await install()
  owner = await installation.signUp('Olga')
  member = await installation.signUp('Mo')
  stranger = await installation.signUp('Sam')
})
afterAll(() => installation[Symbol.asyncDispose]())

const as = (person: Person) => api(installation.first.url, person)
const create = async (body: unknown = { name: 'repo' }) =>
  (await as(owner)<Repo>('POST', '/repos', body)).body
const idsOf = async (person: Person) =>
  (await as(person)<{ repos: Repo[] }>('GET', '/repos')).body.repos.map(({ id }) => id)

/** A repo with one member. */
async function shared(): Promise<Repo> {
  const { id } = await create()
  return (await as(owner)<Repo>('POST', `/repos/${id}/members`, { username: 'Mo' })).body
}

describe('GET /repos', () => {
  test('answers 401 without a token, with a wrong one, and nothing else', async () => {
    const url = `${installation.first.url}/api/v1/repos`
    for (const query of ['', '?token=', '?token=wrong', '?token=a&token=b']) {
      const answer = await fetch(url + query)
      expect([answer.status, await answer.json()]).toEqual([401, { error: 'no valid token' }])
    }
    expect((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    expect((await fetch(url, { headers: { cookie: 'token=wrong' } })).status).toBe(401)
  })

  test('takes the token from the query, the cookie and the Authorization header', async () => {
    const url = `${installation.first.url}/api/v1/repos`
    const { token } = owner
    expect((await fetch(`${url}?token=${token}`)).status).toBe(200)
    expect((await fetch(url, { headers: { cookie: `token=${token}` } })).status).toBe(200)
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  test('lists what the caller owns or is a member of, oldest first', async () => {
    const mine = await create()
    const ours = await shared()
    const ids = await idsOf(owner)
    expect(ids.indexOf(mine.id)).toBeGreaterThanOrEqual(0)
    expect(ids.indexOf(ours.id)).toBeGreaterThan(ids.indexOf(mine.id))
    expect(await idsOf(member)).toContain(ours.id)
    expect(await idsOf(member)).not.toContain(mine.id)
    expect(await idsOf(stranger)).toEqual([])
  })
})

describe('POST /repos', () => {
  test('answers 201 with the object, which GET /repos then lists', async () => {
    const before = Date.now()
    const made = await as(owner)<Repo>('POST', '/repos', {
      name: 'compiler',
      url: 'https://example.org/compiler.git',
    })
    expect(made.status).toBe(201)
    const olga = { id: 'Olga', username: 'Olga' }
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'compiler',
      url: 'https://example.org/compiler.git',
      owner: olga,
      members: [],
      created: expect.any(Number),
    })
    expect(made.body.created).toBeGreaterThanOrEqual(before)
    expect(made.body.created).toBeLessThanOrEqual(Date.now())
    const { body } = await as(owner)<{ repos: Repo[] }>('GET', '/repos')
    expect(body.repos).toContainEqual(made.body)
  })

  test.each([
    'git@example.org:olga/x.git',
    'ssh://git@example.org/x',
    'git://example.org/x',
    'http://example.org',
    null,
    undefined,
  ])('takes %j as url', async (url) => {
    expect((await create({ name: 'x', url })).url).toBe(url ?? null)
  })

  test('takes forms, and any printable name', async () => {
    const answer = await fetch(`${installation.first.url}/api/v1/repos?token=${owner.token}`, {
      method: 'POST',
      body: new URLSearchParams({ name: '__proto__ 💚' }),
    })
    expect(await answer.json()).toMatchObject({ name: '__proto__ 💚', url: null })
  })

  test.each([
    [{}],
    [{ name: '' }],
    [{ name: 1 }],
    [{ name: null }],
    [{ name: 'x'.repeat(129) }],
    [{ name: 'a\u0000b' }],
    [{ name: '\ud800' }],
    [{ name: 'x', url: 7 }],
    [{ name: 'x', url: '' }],
    [{ name: 'x', url: 'javascript:alert(1)' }],
    [{ name: 'x', url: 'data:text/html,x' }],
    [{ name: 'x', url: 'https://a b' }],
    [{ name: 'x', url: 'https://a\u0000' }],
    [{ name: 'x', url: 'https://\ud800' }],
    [{ name: 'x', url: `https://${'a'.repeat(2048)}` }],
    [[]],
    [null],
  ])('answers 400 to %j', async (body) => {
    expect(await as(owner)('POST', '/repos', body)).toEqual({
      status: 400,
      body: { error: expect.any(String) },
    })
  })

  test('answers 401 without a token', async () => {
    expect((await as({ ...owner, token: 'wrong' })('POST', '/repos', { name: 'x' })).status).toBe(401)
  })
})

describe('members', () => {
  test('are added by the owner, by name in any case: 201 with the object, 200 for one who is one already', async () => {
    const { id } = await create()
    const added = await as(owner)<Repo>('POST', `/repos/${id}/members`, { username: 'MO' })
    expect([added.status, added.body.members]).toEqual([201, [{ id: 'Mo', username: 'Mo' }]])
    const again = await as(owner)<Repo>('POST', `/repos/${id}/members`, { username: 'Mo' })
    expect([again.status, again.body]).toEqual([200, added.body])
    const self = await as(owner)<Repo>('POST', `/repos/${id}/members`, { username: 'Olga' })
    expect([self.status, self.body]).toEqual([200, added.body])
  })

  test('are taken out by the owner, or by themselves', async () => {
    const { id } = await shared()
    expect(await as(owner)('DELETE', `/repos/${id}/members/mo`)).toEqual({ status: 204, body: undefined })
    expect(await idsOf(member)).not.toContain(id)
    expect((await as(owner)('DELETE', `/repos/${id}/members/Mo`)).status).toBe(404)

    const other = await shared()
    expect((await as(member)('DELETE', `/repos/${other.id}/members/Mo`)).status).toBe(204)
    expect(await idsOf(member)).not.toContain(other.id)
  })

  test('neither add nor take out others, nor delete the repo: 403', async () => {
    const { id } = await shared()
    const tries = [
      await as(member)('POST', `/repos/${id}/members`, { username: 'Sam' }),
      await as(member)('DELETE', `/repos/${id}/members/Olga`),
      await as(member)('DELETE', `/repos/${id}/members/nobody`),
      await as(member)('DELETE', `/repos/${id}`),
    ]
    for (const one of tries) expect(one).toEqual({ status: 403, body: { error: expect.any(String) } })
    expect(await idsOf(member)).toContain(id)
  })

  test('must be people: 404 for an unknown one, 400 for what is no name', async () => {
    const { id } = await create()
    const add = async (body: unknown) => (await as(owner)('POST', `/repos/${id}/members`, body)).status
    expect(await add({ username: 'nobody' })).toBe(404)
    expect(await add({ username: 'a\u0000' })).toBe(404)
    expect(await add({ username: '__proto__' })).toBe(404)
    for (const body of [{}, { username: 1 }, { username: null }, [], null]) expect(await add(body)).toBe(400)
    expect((await as(owner)('DELETE', `/repos/${id}/members/nobody`)).status).toBe(404)
    expect((await as(owner)('DELETE', `/repos/${id}/members/Olga`)).status).toBe(404)
  })

  test('may have names of any length and script in the path', async () => {
    const long = await installation.signUp('💚'.repeat(64))
    const { id } = await create()
    expect((await as(owner)('POST', `/repos/${id}/members`, { username: long.name })).status).toBe(201)
    const path = `/repos/${id}/members/${encodeURIComponent(long.name)}`
    expect((await as(owner)('DELETE', path)).status).toBe(204)
  })
})

describe('to those who are not in it, a repo', () => {
  test('does not exist', async () => {
    const { id } = await shared()
    const gone = '00000000-0000-4000-8000-000000000000'
    for (const path of [id, gone, 'not-an-id', '__proto__', id.toUpperCase(), `${id}'`, '%00', '%ED%A0%80'])
      for (const [method, rest, body] of [
        ['DELETE', ''],
        ['POST', '/members', { username: 'Sam' }],
        ['DELETE', '/members/Mo'],
      ] as const) {
        const { status, body: told } = await as(stranger)(method, `/repos/${path}${rest}`, body)
        expect([400, 404]).toContain(status)
        expect(told).toMatchObject({ error: expect.any(String) })
        if (path === id || path === gone) expect(told).toEqual({ error: 'there is no such repo' })
      }
    expect(await idsOf(member)).toContain(id)
  })
})

describe('DELETE /repos/:id', () => {
  test('is the owner’s: 204, and it is gone for everybody', async () => {
    const { id } = await shared()
    expect(await as(owner)('DELETE', `/repos/${id}`)).toEqual({ status: 204, body: undefined })
    expect(await idsOf(owner)).not.toContain(id)
    expect(await idsOf(member)).not.toContain(id)
    expect((await as(owner)('DELETE', `/repos/${id}`)).status).toBe(404)
    expect((await as(owner)('POST', `/repos/${id}/members`, { username: 'Mo' })).status).toBe(404)
  })

  test('of two at once deletes once', async () => {
    const { id } = await create()
    const both = await Promise.all([1, 2].map(() => as(owner)('DELETE', `/repos/${id}`)))
    expect(both.map(({ status }) => status).sort()).toEqual([204, 404])
  })
})

test('an unknown path is 404 in the service’s own form', async () => {
  expect(await as(owner)('GET', '/nothing')).toEqual({ status: 404, body: { error: expect.any(String) } })
  expect((await as(owner)('PUT', '/repos', {})).status).toBe(404)
})
