import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, openHouse, type Process } from './support/house.ts'
import { ADA, addAdministrator, mailed, register, registrationsOf } from './support/queue.ts'

const REFUSED = { status: 403, body: {} }
const ERROR = { error: expect.stringMatching(/./) as string }
const CONFLICT = { status: 409, body: ERROR }

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let other: Process
  let leader: string
  let stranger: string
  let admin: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    ;[nemesis, other] = await Promise.all([house.process(), house.process()])
    leader = await nemesis.token()
    stranger = await nemesis.token({ username: 'teacher_coll2', password: 'noway' })
    admin = await nemesis.token(await addAdministrator(house))
  })
  beforeEach(() => house.rows('DELETE FROM nemesis.registration'))
  afterAll(() => house[Symbol.asyncDispose]())

  // Whoever was approved stays in the directory, so everybody has an address of his own; the initials that tests count end otherwise.
  let count = 0
  const somebody = () => {
    const letter = String.fromCharCode(97 + (count++ % 26))
    return {
      first_name: `${letter}da`,
      last_name: 'Somebody',
      email: `${letter}${count}@example.org`,
    }
  }
  const queue = (person: Partial<Record<keyof typeof ADA, string>> = somebody(), token = leader) =>
    register(house, nemesis, token, person)
  const list = async (query = '', token = admin) =>
    registrationsOf(await nemesis.get(`/registrations${query}`, token))
  const approve = (id: number | string, parameters = {}, token = admin, process = nemesis) =>
    process.post(`/registrations/${id}/approve`, parameters, token)
  const reject = (
    id: number | string,
    parameters: Record<string, string> = { reason: 'no' },
    token = admin,
  ) => nemesis.post(`/registrations/${id}/reject`, parameters, token)
  const stateOf = async (id: number) => (await list('?state=all')).find((one) => one.id === id)?.state

  describe('GET /registrations', () => {
    it('shows leaders those of their college and administrators all, in the order in which they came', async () => {
      const [one, two, three] = [await queue(), await queue(somebody(), stranger), await queue()]
      expect((await list('', leader)).map(({ id }) => id)).toEqual([one, three])
      expect((await list('', stranger)).map(({ id }) => id)).toEqual([two])
      expect((await list()).map(({ id }) => id)).toEqual([one, two, three])
    })

    it('tells all that was registered, by whom and when', async () => {
      const before = Date.now()
      const id = await queue({ ...ADA, team: 'team-none' })
      const [one] = await list('', leader)
      expect(one).toEqual({
        ...ADA,
        id,
        team: 'team-none',
        team_known: false,
        leader: 'teacher_coll1',
        college: 'college-1',
        created: expect.any(Number) as number,
        state: 'waiting',
      })
      expect(one?.created).toBeGreaterThan(before - 1000)
      expect(one?.created).toBeLessThan(Date.now() + 1000)
    })

    it('shows those that wait unless told otherwise', async () => {
      const [waiting, approved, rejected] = [await queue(), await queue(), await queue()]
      await approve(approved)
      await reject(rejected)
      const ids = async (query: string) => (await list(query, leader)).map(({ id }) => id)
      expect(await ids('')).toEqual([waiting])
      expect(await ids('?state=waiting')).toEqual([waiting])
      expect(await ids('?state=approved')).toEqual([approved])
      expect(await ids('?state=rejected')).toEqual([rejected])
      expect(await ids('?state=approving')).toEqual([])
      expect(await ids('?state=all')).toEqual([waiting, approved, rejected])
    })

    it('goes page by page', async () => {
      const ids = [await queue(), await queue(), await queue()]
      expect((await list('?count=2')).map(({ id }) => id)).toEqual(ids.slice(0, 2))
      expect((await list(`?count=2&after=${ids[1]}`)).map(({ id }) => id)).toEqual(ids.slice(2))
      expect(await list(`?after=${ids[2]}`)).toEqual([])
    })

    it('answers questions that are none with 400', async () => {
      for (const query of [
        'state=lost',
        'count=0',
        'count=201',
        'after=x',
        'format=xml',
        'state=all&state=all',
      ])
        expect(await nemesis.get(`/registrations?${query}`, admin)).toMatchObject({
          status: 400,
          body: ERROR,
        })
    })
  })

  it('nobody works the queue without being an administrator', async () => {
    const id = await queue()
    for (const token of [undefined, 'nonsense']) {
      expect(await nemesis.get('/registrations', token)).toMatchObject(REFUSED)
      expect(await nemesis.post(`/registrations/${id}/approve`, {}, token)).toMatchObject(REFUSED)
    }
    for (const token of [leader, stranger]) {
      expect(await approve(id, {}, token)).toMatchObject(REFUSED)
      expect(await reject(id, { reason: 'no' }, token)).toMatchObject(REFUSED)
      // Nor is anybody told which ids there are.
      expect(await approve(999_999, {}, token)).toMatchObject(REFUSED)
      expect(await approve('x', {}, token)).toMatchObject(REFUSED)
    }
    expect(await stateOf(id)).toBe('waiting')
  })

  it('an id that is unknown is a 404, and one that is impossible a 400', async () => {
    for (const id of [999_999, 2 ** 31 - 1]) {
      expect(await approve(id)).toMatchObject({ status: 404, body: ERROR })
      expect(await reject(id)).toMatchObject({ status: 404, body: ERROR })
    }
    for (const id of ['0', '-1', '1.5', 'x', '2147483648', '%00', '1e3', '9'.repeat(100)]) {
      expect(await approve(id)).toMatchObject({ status: 400, body: ERROR })
      expect(await reject(id)).toMatchObject({ status: 400, body: ERROR })
    }
  })

  describe('approving', () => {
    it('makes the person, in college and team, whom a link is mailed to', async () => {
      const person = { first_name: ' Zoë ', last_name: 'Žižek', email: 'Zoe@example.org' }
      const id = await queue(person)
      const before = await mailed(house)
      const answer = await approve(id)
      expect(answer).toMatchObject({
        status: 200,
        body: { id, state: 'approved', userid: '1_zz1', decided_by: 'admin', team_known: true },
      })
      expect((answer.body as { decided_at: number }).decided_at).toBeLessThan(Date.now() + 1000)
      expect(await house.storage.directory.person('1_zz1')).toMatchObject({
        userid: '1_zz1',
        firstName: 'Zoë',
        surname: 'Žižek',
        email: 'Zoe@example.org',
        roles: [],
        colleges: [{ name: 'college-1' }],
      })
      expect((await nemesis.get('/college', leader)).body).toMatchObject({
        userids: expect.arrayContaining(['1_zz1']) as string[],
      })
      expect((await mailed(house)).filter((userid) => !before.includes(userid))).toEqual(['1_zz1'])
    })

    it('gives nobody a password', async () => {
      const { body } = await approve(await queue())
      const { userid } = body as { userid: string }
      for (const password of ['', ' ', userid, 'undefined', 'null', '{CRYPT}!'])
        expect(await house.isPassword(userid, password)).toBe(false)
    })

    it('counts those of the same college and initials', async () => {
      const userids: unknown[] = []
      for (const [first_name, last_name] of [
        ['Kim', 'Qu'],
        ['Klaus', 'Quinn'],
        ['李', 'Quinn'],
        ['k', 'q'],
      ] as const)
        userids.push((await approve(await queue({ ...somebody(), first_name, last_name }))).body)
      expect(userids).toMatchObject([
        { userid: '1_kq1' },
        { userid: '1_kq2' },
        { userid: '1_xq1' },
        { userid: '1_kq3' },
      ])
    })

    it('does not give a userid again that a person who is gone had', async () => {
      const twin = { first_name: 'Vim', last_name: 'Wu' }
      expect((await approve(await queue({ ...somebody(), ...twin }))).body).toMatchObject({ userid: '1_vw1' })
      await house.storage.directory.remove('1_vw1')
      expect((await approve(await queue({ ...somebody(), ...twin }))).body).toMatchObject({ userid: '1_vw2' })
    })

    it('puts somebody into the team that is named instead', async () => {
      const id = await queue({ ...somebody(), team: 'team-none' })
      for (const team of [{}, { team: 'team-none' }, { team: 'TEAM-ABC' }, { team: '*' }])
        expect(await approve(id, team)).toMatchObject(CONFLICT)
      expect(await stateOf(id)).toBe('waiting')
      expect(await approve(id, { team: 'team-QWE' })).toMatchObject({
        status: 200,
        body: { team: 'team-QWE', team_known: true },
      })
      expect((await house.storage.directory.members('college-1')).teams).toContain('team-QWE')
    })

    it('answers what is approved the same again, and does nothing', async () => {
      const id = await queue()
      const first = await approve(id)
      const mails = await mailed(house)
      expect(await approve(id, { team: 'team-QWE' })).toMatchObject({ status: 200, body: first.body })
      expect(await approve(id, {}, admin, other)).toMatchObject({ status: 200, body: first.body })
      expect(await mailed(house)).toEqual(mails)
    })

    it('refuses whoever has an address that somebody has, in any case, and lets them wait', async () => {
      const person = somebody()
      await approve(await queue(person))
      const id = await queue({ ...person, email: person.email.toUpperCase() })
      for (let i = 0; i < 2; i++) expect(await approve(id)).toMatchObject(CONFLICT)
      expect((await approve(id)).headers.get('retry-after')).toBe(null)
      expect(await stateOf(id)).toBe('waiting')
    })

    it('refuses whoever has the address of an account, in the directory or not', async () => {
      const person = somebody()
      await house.add({ userid: 'signed-up', email: person.email })
      const id = await queue(person)
      expect(await approve(id)).toMatchObject(CONFLICT)
      expect(await stateOf(id)).toBe('waiting')
    })

    it('refuses whoever is of a college that is gone', async () => {
      const id = await queue()
      await house.rows(`UPDATE nemesis.registration SET college = 'college-gone' WHERE id = ${id}`)
      expect(await approve(id)).toMatchObject(CONFLICT)
      expect(await stateOf(id)).toBe('waiting')
    })

    it('answers a team that is impossible with 400', async () => {
      const id = await queue()
      for (const team of ['\u0000', ' ', ['team-ABC'], 7, null])
        expect(await nemesis.postJson(`/registrations/${id}/approve`, { team }, admin)).toMatchObject({
          status: 400,
          body: ERROR,
        })
      expect(await nemesis.postJson(`/registrations/${id}/approve`, '{"team":', admin)).toMatchObject({
        status: 400,
        body: ERROR,
      })
      expect(await stateOf(id)).toBe('waiting')
    })

    it('is in the audit, with who did it', async () => {
      const { body } = await approve(await queue())
      const { userid, id } = body as { userid: string; id: number }
      const [last] = await house.rows(`SELECT * FROM nemesis.audit ORDER BY id DESC LIMIT 1`)
      expect(last).toMatchObject({
        actor: 'admin',
        action: 'approve',
        target: userid,
        details: { registration: id, college: 'college-1', team: 'team-ABC' },
      })
    })
  })

  describe('two at once, in two processes', () => {
    const both = (id: number) => Promise.all([approve(id), approve(id, {}, admin, other)])

    it('make one person, and send one mail', async () => {
      for (let i = 0; i < 5; i++) {
        const person = somebody()
        const id = await queue({ ...person, first_name: `${'abcde'[i]}`, last_name: 'Twice' })
        const answers = await both(id)
        for (const { status, headers } of answers) {
          expect([200, 409]).toContain(status)
          expect(headers.get('retry-after')).toBe(status === 409 ? '1' : null)
        }
        expect(answers.some(({ status }) => status === 200)).toBe(true)
        const again = await both(id)
        expect(again.map(({ status }) => status)).toEqual([200, 200])
        const { userid } = again[0].body as { userid: string }
        expect((await mailed(house)).filter((one) => one === userid)).toHaveLength(1)
        expect(await house.storage.directory.useridsFrom(`1_${'abcde'[i]}t`)).toEqual([userid])
      }
    })

    it('give namesakes userids of their own', async () => {
      const ids: number[] = []
      for (let i = 0; i < 6; i++) ids.push(await queue({ ...somebody(), first_name: '1', last_name: '2' }))
      const answers = await Promise.all(ids.map((id, n) => approve(id, {}, admin, n % 2 ? nemesis : other)))
      const userids = answers.map(({ body }) => (body as { userid: string }).userid)
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
      expect(userids.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `1_xx${n}`))
    })

    it('make one person of two registrations with one address', async () => {
      const person = somebody()
      const ids = [await queue(person), await queue({ ...person, email: person.email.toUpperCase() })]
      const [one, two] = await Promise.all(ids.map((id, n) => approve(id, {}, admin, n ? nemesis : other)))
      expect([one?.status, two?.status].toSorted()).toEqual([200, 409])
      const [a, b] = await Promise.all(ids.map((id) => approve(id)))
      expect([a?.status, b?.status].toSorted()).toEqual([200, 409])
    })

    it('decide once when one approves and one rejects', async () => {
      const id = await queue()
      const [approved, rejected] = await Promise.all([approve(id, {}, admin, other), reject(id)])
      expect([approved.status, rejected.status].toSorted()).toEqual([200, 409])
      expect(await stateOf(id)).toBe(approved.status === 200 ? 'approved' : 'rejected')
    })
  })

  describe('rejecting', () => {
    it('keeps who did it, when and why, and makes nobody', async () => {
      const person = somebody()
      const id = await queue(person)
      expect(await reject(id, { reason: ' is in another school ' })).toMatchObject({
        status: 200,
        body: { id, state: 'rejected', decided_by: 'admin', reason: 'is in another school' },
      })
      expect(await house.storage.directory.personByEmail(person.email)).toBe(undefined)
      const [last] = await house.rows(`SELECT * FROM nemesis.audit ORDER BY id DESC LIMIT 1`)
      expect(last).toMatchObject({ actor: 'admin', action: 'reject', target: String(id) })
    })

    it('of what is rejected is the same again, with the first reason', async () => {
      const id = await queue()
      const first = await reject(id, { reason: 'one' })
      expect(await reject(id, { reason: 'two' })).toMatchObject({ status: 200, body: first.body })
    })

    it('of what is approved is a 409, and so is the reverse', async () => {
      const [one, two] = [await queue(), await queue()]
      await approve(one)
      await reject(two)
      expect(await reject(one)).toMatchObject(CONFLICT)
      expect(await approve(two)).toMatchObject(CONFLICT)
    })

    it('without a reason is a 400', async () => {
      const id = await queue()
      for (const body of [{}, { reason: '' }, { reason: ' ' }, { reason: 1 }, { reason: 'a\r\nb' }, []])
        expect(await nemesis.postJson(`/registrations/${id}/reject`, body, admin)).toMatchObject({
          status: 400,
          body: ERROR,
        })
      expect(await stateOf(id)).toBe('waiting')
    })
  })

  it('all of it is there below /userman too', async () => {
    const id = await queue()
    expect(registrationsOf(await nemesis.get('/userman/registrations', admin)).map((one) => one.id)).toEqual([
      id,
    ])
    expect(await nemesis.post(`/userman/registrations/${id}/approve`, {}, admin)).toMatchObject({
      status: 200,
    })
  })
})
