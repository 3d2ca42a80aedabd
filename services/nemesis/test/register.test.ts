import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, openHouse, type Process } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let token: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    token = await nemesis.token()
  })
  afterEach(() => house.rows('DELETE FROM nemesis.registration'))
  afterAll(() => house[Symbol.asyncDispose]())

  const ADA = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team: 'team-ABC' }
  const rows = () =>
    house.rows(
      'SELECT first_name, last_name, email, team, team_known, leader, college, created FROM nemesis.registration ORDER BY id',
    )

  describe('POST /user/register', () => {
    it('puts one row into the queue, with the leader and the leader’s college', async () => {
      const before = Date.now()
      expect(await nemesis.post('/user/register', ADA, token)).toMatchObject({ status: 200, body: {} })
      const [row, ...more] = await rows()
      expect(more).toEqual([])
      expect(row).toMatchObject({ ...ADA, team_known: true, leader: 'teacher_coll1', college: 'college-1' })
      expect(new Date(row?.['created'] as string).getTime()).toBeGreaterThan(before - 1000)
    })

    it('takes a form, JSON and the query', async () => {
      await nemesis.post('/user/register', ADA, token)
      await nemesis.postJson('/user/register', { ...ADA, token })
      await nemesis.post(`/user/register?${new URLSearchParams(ADA)}`, {}, token)
      expect(await rows()).toEqual(Array(3).fill(expect.objectContaining(ADA)))
    })

    it('trims the values, and keeps their Unicode', async () => {
      const given = {
        first_name: ' José \t',
        last_name: '\u3000Смирнов-日本 ',
        email: ' jose@example.org ',
        team: ' ☃ ',
      }
      await nemesis.post('/user/register', given, token)
      expect(await rows()).toMatchObject([
        { first_name: 'José', last_name: 'Смирнов-日本', email: 'jose@example.org', team: '☃' },
      ])
    })

    it('takes any team, and marks one that does not exist', async () => {
      for (const team of [
        'team-QWE',
        'team-XYZ',
        'ABC',
        'TEAM-abc',
        "'; DROP TABLE nemesis.registration; --",
        '__proto__',
      ])
        expect((await nemesis.post('/user/register', { ...ADA, team }, token)).status).toBe(200)
      expect((await rows()).map((row) => row['team_known'])).toEqual([
        true,
        false,
        false,
        false,
        false,
        false,
      ])
    })

    it('takes the same person twice: whoever works the queue decides', async () => {
      for (let i = 0; i < 2; i++) await nemesis.post('/user/register', ADA, token)
      expect(await rows()).toHaveLength(2)
    })

    it.each([
      ...Object.keys(ADA).map((name): [string, object] => [`no ${name}`, { ...ADA, [name]: undefined }]),
      ...Object.keys(ADA).map((name): [string, object] => [`an empty ${name}`, { ...ADA, [name]: ' ' }]),
      ...Object.keys(ADA).map((name): [string, object] => [
        `a ${name} that is no text`,
        { ...ADA, [name]: ['x'] },
      ]),
      ...Object.keys(ADA).map((name): [string, object] => [
        `a ${name} with NUL`,
        { ...ADA, [name]: 'a\u0000@b.cc' },
      ]),
      ...Object.keys(ADA).map((name): [string, object] => [
        `half a character in ${name}`,
        { ...ADA, [name]: '\ud800@b.cc' },
      ]),
      ...Object.keys(ADA).map((name): [string, object] => [
        `10 kB of ${name}`,
        { ...ADA, [name]: 'x'.repeat(10_000) },
      ]),
      ['an impossible e-mail address', { ...ADA, email: 'ada' }],
      ['a mail header in the address', { ...ADA, email: 'ada@example.org\r\nBcc: x@example.org' }],
      ['a mail header in a name', { ...ADA, first_name: 'Ada\nBcc: x@example.org' }],
      ['nothing', {}],
      ['an array', []],
    ])('answers %s with 400 and an error, and queues nothing', async (_what, body) => {
      const answer = await nemesis.postJson('/user/register', body, token)
      expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(/./) as string } })
      expect(await rows()).toEqual([])
    })

    it('is refused with 403 and an empty object without a valid token', async () => {
      for (const bad of [undefined, 'nonsense'])
        expect(await nemesis.post('/user/register', ADA, bad)).toMatchObject({ status: 403, body: {} })
      expect(await rows()).toEqual([])
    })
  })
})
