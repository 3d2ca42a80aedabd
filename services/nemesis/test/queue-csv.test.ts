import { IMPORT_BYTES, type ImportedRow } from '@switchboard/protocol/nemesis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type Answer, type House, openHouse, type Process, request } from './support/house.ts'
import { ADA, addAdministrator, register, registrationsOf } from './support/queue.ts'

const REFUSED = { status: 403, body: {} }
const ERROR = { error: expect.stringMatching(/./) as string }
const HEADER = 'first_name,last_name,email,team,college'
const fileOf = (...rows: string[]) => [HEADER, ...rows].join('\r\n')

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let other: Process
  let leader: string
  let admin: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    ;[nemesis, other] = await Promise.all([house.process(), house.process()])
    leader = await nemesis.token()
    admin = await nemesis.token(await addAdministrator(house))
  })
  beforeEach(() => house.rows('DELETE FROM nemesis.registration'))
  afterAll(() => house[Symbol.asyncDispose]())

  const send = (
    body: string | Uint8Array<ArrayBuffer>,
    { query = '', token = admin, type = 'text/csv', process = nemesis } = {},
  ): Promise<Answer> =>
    request(`${process.server.url}/registrations/import${query}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, authorization: `Bearer ${token}` },
    })
  const rowsOf = ({ body }: Answer) => (body as { rows: ImportedRow[] }).rows
  const waiting = async () => registrationsOf(await nemesis.get('/registrations?count=200', admin))
  const lastAct = async () => (await house.rows('SELECT * FROM nemesis.audit ORDER BY id DESC LIMIT 1'))[0]

  describe('an import', () => {
    it('queues everyone in the file, with who imported', async () => {
      const answer = await send(
        fileOf(
          'Ada,Lovelace,ada@example.org,team-ABC,college-1',
          'José,李,jose@example.org,team-none,college-2',
        ),
      )
      expect(answer).toMatchObject({
        status: 200,
        body: {
          rows: [
            { line: 2, ok: true, team_known: true },
            { line: 3, ok: true, team_known: false },
          ],
          queued: 2,
        },
      })
      expect(await waiting()).toMatchObject([
        { ...ADA, college: 'college-1', leader: 'admin', team_known: true, state: 'waiting' },
        { first_name: 'José', last_name: '李', team: 'team-none', college: 'college-2', team_known: false },
      ])
      expect(await lastAct()).toMatchObject({ actor: 'admin', action: 'import', details: { rows: 2 } })
    })

    it('of the same file again doubles nobody, also in two processes at once', async () => {
      const file = fileOf(
        'Ada,Lovelace,ada@example.org,team-ABC,college-1',
        'B,C,b@example.org,team-ABC,college-1',
      )
      const answers = await Promise.all([send(file), send(file, { process: other }), send(file)])
      expect(answers.map(({ body }) => (body as { queued: number }).queued).toSorted()).toEqual([0, 0, 2])
      expect(await send(file)).toMatchObject({
        status: 200,
        body: { queued: 0, rows: [{ already: true }, { already: true }] },
      })
      expect(await waiting()).toHaveLength(2)
    })

    it('says of each row what is wrong with it, and queues nobody', async () => {
      await register(house, nemesis, leader, { email: 'waits@example.org' })
      const file = fileOf(
        'Ada,Lovelace,ada@example.org,team-ABC,college-1',
        'Ada,Lovelace,b@example.org,team-ABC,college-none',
        'Ada,Lovelace,Student1@Teacher.com,team-ABC,college-1',
        'Ada,Byron,waits@example.org,team-ABC,college-1',
        '=HYPERLINK("x"),Lovelace,c@example.org,team-ABC,college-1',
      )
      for (const query of ['', '?dry_run=true']) {
        const answer = await send(file, { query })
        expect(answer.status).toBe(query === '' ? 400 : 200)
        expect(rowsOf(answer)).toEqual([
          { line: 2, ok: true, team_known: true },
          { line: 3, ok: false, error: 'college: there is no such college' },
          { line: 4, ok: false, error: 'email: somebody has that address already' },
          { line: 5, ok: false, error: expect.stringMatching(/^email: .*waits already/) as string },
          { line: 6, ok: false, error: expect.stringMatching(/^first_name: /) as string },
        ])
      }
      expect(await send(file)).toMatchObject({
        body: { queued: 0, error: 'nothing was queued: 4 of 5 rows cannot be' },
      })
      expect(await waiting()).toHaveLength(1)
    })

    it('with dry_run tells the same and queues nobody', async () => {
      const file = fileOf('Ada,Lovelace,ada@example.org,team-ABC,college-1')
      const acts = await lastAct()
      for (const query of ['?dry_run=true', '?dry_run=true&format=json'])
        expect(await send(file, { query })).toMatchObject({
          status: 200,
          body: { rows: [{ line: 2, ok: true, team_known: true }], queued: 0 },
        })
      expect(await waiting()).toEqual([])
      expect(await lastAct()).toEqual(acts)
      for (const query of ['?dry_run=yes', '?dry_run=1', '?dry_run=true&dry_run=true'])
        expect(await send(file, { query })).toMatchObject({ status: 400, body: ERROR })
      expect(await send(file, { query: '?dry_run=false' })).toMatchObject({ body: { queued: 1 } })
    })

    it.each([
      ['nothing', ''],
      ['only its columns', HEADER],
      ['a column missing', 'first_name,last_name,email,team\r\na,b,c@d.ee,e'],
      ['no columns at all', 'Ada,Lovelace,ada@example.org,team-ABC,college-1'],
      ['a quote open from its beginning', `"${fileOf('a,b,c@d.ee,e,f')}`],
      ['2,001 rows', fileOf(...Array<string>(2001).fill('a,b,c@d.ee,e,f'))],
      ['JSON', '{"first_name":"Ada"}'],
      ['NUL alone', '\0'.repeat(1000)],
    ])('of a file with %s is a 400 with an error', async (_what, file) => {
      for (const query of ['', '?dry_run=true'])
        expect(await send(file, { query })).toMatchObject({ status: 400, body: ERROR })
      expect(await waiting()).toEqual([])
    })

    it('of bytes that are no UTF-8 names the cell', async () => {
      const file = Buffer.concat([
        Buffer.from(fileOf('Jos')),
        Buffer.from([0xe9]),
        Buffer.from(',L,jose@example.org,team-ABC,college-1'),
      ])
      expect(rowsOf(await send(Uint8Array.from(file)))).toEqual([
        { line: 2, ok: false, error: expect.stringMatching(/^first_name: .*UTF-8/) as string },
      ])
    })

    it('of more than 256 KiB is a 413, and of another type a 415', async () => {
      expect(await send('x'.repeat(IMPORT_BYTES + 1))).toMatchObject({ status: 413, body: ERROR })
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense'])
        expect(await send(HEADER, { type })).toMatchObject({ status: 415, body: ERROR })
      expect((await send(HEADER, { type: 'Text/CSV; charset=utf-8; header=present' })).status).toBe(400)
    })

    it('of 2,000 rows is taken', async () => {
      const rows = Array.from({ length: 2000 }, (_, n) => `A,B,a${n}@example.org,team-ABC,college-1`)
      const answer = await send(fileOf(...rows))
      expect(answer).toMatchObject({ status: 200, body: { queued: 2000 } })
      expect(rowsOf(answer).at(-1)).toEqual({ line: 2001, ok: true, team_known: true })
    })

    it('is for administrators', async () => {
      const file = fileOf('Ada,Lovelace,ada@example.org,team-ABC,college-1')
      for (const token of [leader, 'nonsense'])
        for (const query of ['', '?dry_run=true'])
          expect(await send(file, { token, query })).toMatchObject(REFUSED)
      expect(await send(file, { token: '', query: `?token=${admin}` })).toMatchObject({ status: 200 })
    })
  })

  describe('an export', () => {
    it('is a file of all that was asked for, page by page, that can be imported again', async () => {
      const rows = Array.from(
        { length: 250 },
        (_, n) => `'=A${n},"B;""=1""",a${n}@example.org,team-ABC,college-1`,
      )
      await send(fileOf(...rows))
      const exported = await nemesis.get('/registrations?format=csv&count=1', admin)
      expect(exported.status).toBe(200)
      expect(Object.fromEntries(exported.headers)).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="registrations.csv"',
        'cache-control': 'no-store',
      })
      const lines = exported.text.split('\r\n')
      expect(lines).toHaveLength(252)
      expect(lines[1]).toMatch(
        /^"\d+","'=A0","B;""=1""","a0@example\.org","team-ABC","true","admin","college-1","/,
      )
      expect(await send(exported.text)).toMatchObject({ status: 200, body: { queued: 0 } })
      await house.rows('DELETE FROM nemesis.registration')
      expect(await send(exported.text)).toMatchObject({ status: 200, body: { queued: 250 } })
      expect((await waiting())[0]).toMatchObject({ first_name: '=A0', last_name: 'B;"=1"' })
    })

    it('has those of the state that is asked for, after the id that is named', async () => {
      const one = await register(house, nemesis, leader, { email: 'one@example.org' })
      const two = await register(house, nemesis, leader, { email: 'two@example.org' })
      await nemesis.post(`/registrations/${one}/reject`, { reason: '@home' }, admin)
      const idsOf = async (query: string) =>
        (await nemesis.get(`/registrations?format=csv&${query}`, admin)).text
          .split('\r\n')
          .slice(1, -1)
          .map((line) => Number(/^"(\d+)"/.exec(line)?.[1]))
      expect(await idsOf('')).toEqual([two])
      expect(await idsOf('state=all')).toEqual([one, two])
      expect(await idsOf(`state=all&after=${one}`)).toEqual([two])
      const rejected = await nemesis.get('/registrations?format=csv&state=rejected', admin)
      expect(rejected.text).toContain(`,"rejected",,"admin","`)
      expect(rejected.text).toContain(`,"'@home"\r\n`)
    })

    it('is for administrators, and in the audit', async () => {
      expect(await nemesis.get('/registrations?format=csv', leader)).toMatchObject(REFUSED)
      expect(await nemesis.get('/registrations?format=csv')).toMatchObject(REFUSED)
      await nemesis.get('/registrations?format=csv&state=all', admin)
      expect(await lastAct()).toMatchObject({ actor: 'admin', action: 'export', details: { state: 'all' } })
    })
  })
})
