import type { ANSWERS } from '@switchboard/protocol/nemesis'
import type { Static } from 'typebox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process, request } from './support/house.ts'
import { addAdministrator, register } from './support/queue.ts'

type Entry = Static<typeof ANSWERS.audit>['entries'][number]

const ERROR = { error: expect.stringMatching(/./) as string }

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let leader: string
  let admin: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    leader = await nemesis.token()
    admin = await nemesis.token(await addAdministrator(house))
  })
  afterAll(() => house[Symbol.asyncDispose]())

  const read = async (query = ''): Promise<Entry[]> => {
    const { status, body } = await nemesis.get(`/audit${query}`, admin)
    if (status !== 200) throw new Error(`not read: ${status}`)
    return (body as { entries: Entry[] }).entries
  }

  /** What `work` leaves in the audit, oldest first, without what differs each time. */
  async function written(work: () => Promise<unknown>) {
    const [last] = await read('?count=1')
    await work()
    const entries = (await read('?count=500')).filter(({ id }) => id > (last?.id ?? 0))
    return entries.toReversed().map(({ id: _id, at: _at, ...rest }) => rest)
  }

  const from = (address: string, path: string, parameters: Record<string, string>, token = '') =>
    request(`${nemesis.server.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
      headers: { 'x-forwarded-for': address, authorization: `Bearer ${token}` },
    })

  describe('the audit', () => {
    it('tells who logged in and out, from where and when', async () => {
      const before = Date.now()
      const entries = await written(async () => {
        const { body } = await from('192.0.2.1', '/auth', LEADER)
        await from('192.0.2.2', '/deauth', {}, (body as { token: string }).token)
      })
      const who = { actor: 'teacher_coll1', target: null, details: {} }
      expect(entries).toEqual([
        { ...who, action: 'log-in', address: '192.0.2.1' },
        { ...who, action: 'log-out', address: '192.0.2.2' },
      ])
      const [{ at } = { at: 0 }] = await read('?count=1')
      expect(at).toBeGreaterThan(before - 1000)
      expect(at).toBeLessThan(Date.now() + 1000)
    })

    it('tells whose log-ins failed and why, and nothing of a name that is nobody’s', async () => {
      const address = '192.0.2.3'
      const tries = [
        { username: 'TEACHER_coll1', password: 'wrong' },
        { username: 'student_coll1_1', password: 'cows' },
        { username: 'my secret password', password: 'teacher_coll1' },
        { username: 'x'.repeat(10_000), password: 'x' },
        { username: '*', password: 'x' },
        { username: 'a\u0000', password: 'x' },
      ]
      const entries = await written(async () => {
        for (const one of tries) expect((await from(address, '/auth', one)).status).toBe(403)
      })
      const failed = (target: string | null, reason: string) => ({
        actor: null,
        action: 'log-in-failed',
        target,
        address,
        details: { reason },
      })
      const nobody = failed(null, 'invalid credentials')
      expect(entries).toEqual([
        failed('teacher_coll1', 'invalid credentials'),
        failed('student_coll1_1', 'not a teacher'),
        nobody,
        nobody,
        nobody,
        nobody,
      ])
    })

    it('tells once that an address is refused for too many', async () => {
      const address = '192.0.2.4'
      const entries = await written(async () => {
        const statuses: number[] = []
        for (let i = 0; i < 13; i++)
          statuses.push((await from(address, '/auth', { ...LEADER, password: 'wrong' })).status)
        expect(statuses).toEqual([...Array<number>(10).fill(403), 429, 429, 429])
      })
      expect(entries.map(({ action }) => action)).toEqual([
        ...Array<string>(10).fill('log-in-failed'),
        'log-in-limited',
      ])
      expect(entries.at(-1)).toEqual({
        actor: null,
        action: 'log-in-limited',
        target: null,
        address,
        details: {},
      })
    })

    it('tells who changed and registered whom, without what was written', async () => {
      const address = '192.0.2.5'
      const change = { email: 'secret@example.org', password: 'hunter2' }
      const entries = await written(async () => {
        await from(address, '/user/student_coll1_2', change, leader)
        await register(house, nemesis, leader)
      })
      const who = { actor: 'teacher_coll1', target: 'student_coll1_2', address, details: {} }
      expect(entries).toEqual([
        { ...who, action: 'email-changed' },
        { ...who, action: 'password-changed' },
        {
          ...who,
          action: 'register',
          target: null,
          address: expect.stringMatching(/127\.0\.0\.1|::1/) as string,
          details: { college: 'college-1' },
        },
      ])
      for (const secret of ['secret@', 'hunter2', 'ada@', 'Ada', leader])
        expect(JSON.stringify(entries)).not.toContain(secret)
    })

    it('tells once more where the act could not be done', async () => {
      const entries = await written(() =>
        nemesis.post('/user/student_coll1_1', { email: 'teacher1@teacher.com' }, leader),
      )
      expect(entries.map(({ action, details }) => [action, details])).toEqual([
        ['email-changed', {}],
        ['email-changed', { failed: true }],
      ])
    })

    it('stays as it is: nobody changes or deletes what is in it', async () => {
      const before = await read('?count=500')
      for (const sql of [
        `UPDATE nemesis.audit SET actor = 'x'`,
        `UPDATE nemesis.audit SET details = '{}' WHERE id = 1`,
        'DELETE FROM nemesis.audit',
        'DELETE FROM nemesis.audit WHERE id = 1',
        'TRUNCATE nemesis.audit',
        'TRUNCATE nemesis.audit RESTART IDENTITY CASCADE',
      ])
        await expect(house.rows(sql), sql).rejects.toThrow('append-only')
      expect(await read('?count=500')).toEqual(before)
    })
  })

  describe('what cannot be recorded', () => {
    afterEach(() => house.rows('DROP FUNCTION IF EXISTS nemesis.full CASCADE'))

    it('is not done, and answered with 503', async () => {
      const mine = await nemesis.token()
      await house.rows(
        `CREATE FUNCTION nemesis.full() RETURNS TRIGGER LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$`,
      )
      await house.rows(
        'CREATE TRIGGER full_disk BEFORE INSERT ON nemesis.audit FOR EACH ROW EXECUTE FUNCTION nemesis.full()',
      )
      const waiting = await house.rows('SELECT id FROM nemesis.registration')
      const student = '/user/student_coll2_1'
      const person = { first_name: 'B', last_name: 'C', email: 'b@example.org', team: 'team-ABC' }
      for (const [path, parameters, token] of [
        ['/auth', LEADER, ''],
        ['/auth', { ...LEADER, password: 'wrong' }, ''],
        [student, { email: 'lost@example.org' }, admin],
        [student, { password: 'lost' }, admin],
        ['/user/register', person, leader],
        ['/deauth', {}, mine],
      ] as const)
        expect(await nemesis.post(path, parameters, token), path).toMatchObject({ status: 503, body: ERROR })
      await house.rows('DROP FUNCTION nemesis.full CASCADE')
      expect(await house.emailOf('student_coll2_1')).not.toBe('lost@example.org')
      expect(await house.isPassword('student_coll2_1', 'lost')).toBe(false)
      expect(await house.rows('SELECT id FROM nemesis.registration')).toEqual(waiting)
      expect((await nemesis.get('/college', mine)).status).toBe(200)
    })
  })

  describe('GET /audit', () => {
    it('is for administrators only', async () => {
      for (const token of [leader, 'nonsense', undefined])
        expect(await nemesis.get('/audit', token)).toMatchObject({ status: 403, body: {} })
      expect((await nemesis.get('/userman/audit', admin)).status).toBe(200)
      await house.strip('admin')
      expect(await nemesis.get('/audit', admin)).toMatchObject({ status: 403, body: {} })
      const places = { roles: ['administrator'], colleges: ['college-2'], teams: [] } as const
      await house.storage.directory.enrol('admin', places)
    })

    it('answers page by page, newest first, nothing missing and nothing twice', async () => {
      const all = await read('?count=500')
      expect(all.length).toBeGreaterThan(10)
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => b - a))
      const paged: Entry[] = []
      for (;;) {
        const page = await read(`?count=4&before=${paged.at(-1)?.id ?? Number.MAX_SAFE_INTEGER}`)
        expect(page.length).toBeLessThanOrEqual(4)
        paged.push(...page)
        if (page.length === 0) break
      }
      expect(paged).toEqual(all)
    })

    it('has those of one actor or action, of both, or none', async () => {
      const all = await read('?count=500')
      const of = (actor: string, action: string) =>
        all.filter((one) => one.actor === actor && one.action === action)
      expect(await read('?count=500&actor=teacher_coll1')).toEqual(
        all.filter(({ actor }) => actor === 'teacher_coll1'),
      )
      expect(await read('?count=500&action=log-in-failed')).toEqual(
        all.filter(({ action }) => action === 'log-in-failed'),
      )
      expect(await read('?count=500&actor=teacher_coll1&action=log-out')).toEqual(
        of('teacher_coll1', 'log-out'),
      )
      for (const nobody of ['*', '%', ')(', 'x'.repeat(4000), "' OR ''='"])
        expect(await read(`?actor=${encodeURIComponent(nobody)}`)).toEqual([])
    })

    it.each([
      'count=0',
      'count=501',
      'count=-1',
      'count=1e1',
      'count=1&count=2',
      'before=x',
      'before=99999999999999999999',
      'actor=a%00b',
      'action=a%0ab',
      `count=${'9'.repeat(10_000)}`,
    ])('answers %s with 400 and an error', async (query) => {
      expect(await nemesis.get(`/audit?${query}`, admin)).toMatchObject({ status: 400, body: ERROR })
    })
  })
})
