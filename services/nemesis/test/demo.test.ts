import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople, demoRoster } from '../src/demo.ts'
import { removeDemo } from '../src/demo-seed.ts'
import { type House, LEADER, openHouse } from './support/house.ts'
import { hasSlapd } from './support/slapd.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
beforeEach(() => house.empty())
afterAll(() => house[Symbol.asyncDispose]())

const OTHERS = { HOST: '0.0.0.0' }

describe('an embedded start that is not production, on a loopback address', () => {
  it('has the demo people, with their passwords', async () => {
    const nemesis = await house.process()
    for (const { userid, password } of demoPeople()) {
      expect((await house.accounts.verify(userid, password)).ok, userid).toBe(true)
      const { status, body } = await nemesis.post('/auth', { username: userid, password })
      expect([status, body]).toMatchObject(
        userid.startsWith('teacher') ? [200, {}] : [403, { error: 'not a teacher' }],
      )
    }
  })

  it('puts them in once: what was changed or taken out since stays so', async () => {
    const first = await house.process()
    const token = await first.token()
    await first.post('/user/student_coll1_1', { password: 'changed', email: 'changed@example.org' }, token)
    await house.rows(`DELETE FROM nemesis.person WHERE surname = 'student' AND first_name = 'student4'`)
    await house.process()
    expect(await house.accounts.verify('student_coll1_1', 'changed')).toMatchObject({
      ok: true,
      value: { email: 'changed@example.org' },
    })
    expect(await house.rows('SELECT count(*)::int AS people FROM nemesis.person')).toEqual([{ people: 5 }])
  })

  it('goes on where an earlier start was broken off', async () => {
    const [person] = demoRoster().people
    await house.accounts.create({ username: 'teacher_coll1', password: 'facebees', email: person?.email })
    const nemesis = await house.process()
    expect((await nemesis.get('/college', await nemesis.token())).status).toBe(200)
  })

  it('gives no rights to somebody who signed up under such a name, and does without a taken address', async () => {
    await house.accounts.create({ username: 'Teacher_coll1', password: 'my own' })
    await house.accounts.create({ username: 'somebody', password: 'x', email: 'teacher2@teacher.com' })
    const nemesis = await house.process()
    expect(await nemesis.post('/auth', { username: 'teacher_coll1', password: 'my own' })).toMatchObject({
      status: 403,
      body: { error: 'not a teacher' },
    })
    const token = await nemesis.token({ username: 'teacher_coll2', password: 'noway' })
    expect(await nemesis.get('/user/teacher_coll2', token)).toMatchObject({ body: { email: '' } })
  })
})

describe('any other start', () => {
  it('has none', async () => {
    const nemesis = await house.process(OTHERS)
    expect((await nemesis.post('/auth', LEADER)).status).toBe(403)
    expect(await house.rows('SELECT 1 FROM accounts.account')).toEqual([])
  })

  it('is stopped with one line by a database that still holds one with the demo password', async () => {
    await house.process()
    for (const env of [OTHERS, { NODE_ENV: 'production' }, { DATABASE_URL: 'postgresql://elsewhere/x' }])
      await expect(house.process(env)).rejects.toMatchObject({
        name: 'ConfigError',
        message: expect.stringMatching(
          /^the directory holds the demo person teacher_coll1, .*remove-demo$/,
        ) as string,
      })
  })

  it('is stopped by a student too, and not once all passwords are changed', async () => {
    await house.process()
    const change = async (userid: string) => {
      const account = await house.accounts.byName(userid)
      await house.accounts.setPassword(account?.id ?? 0, 'a new one')
    }
    const people = demoPeople().map(({ userid }) => userid)
    for (const userid of people.slice(0, -1)) await change(userid)
    await expect(house.process(OTHERS)).rejects.toThrow('student_coll2_2')
    await change('student_coll2_2')
    await house.process(OTHERS)
  })

  it('is not stopped by an account of such a name that is not in the directory: anybody may sign up', async () => {
    await house.accounts.create({ username: 'teacher_coll1', password: 'facebees' })
    await house.process(OTHERS)
  })

  it('is possible again once the demo people were taken out, and their accounts are locked', async () => {
    await house.process()
    expect(await removeDemo(house.storage.directory, demoRoster())).toEqual(
      demoPeople().map(({ userid }) => userid),
    )
    const nemesis = await house.process(OTHERS)
    expect((await nemesis.post('/auth', LEADER)).status).toBe(403)
    expect((await house.accounts.verify('teacher_coll1', 'facebees')).ok).toBe(false)
    expect(await removeDemo(house.storage.directory, demoRoster())).toEqual([])
  })
})

describe.skipIf(!hasSlapd)('an LDAP directory that holds the demo people', () => {
  let ldap: House
  beforeAll(async () => {
    ldap = await openHouse({ directory: 'ldap' })
  })
  afterAll(() => ldap[Symbol.asyncDispose]())

  it('is good to try nemesis with on this machine', async () => {
    const nemesis = await ldap.process()
    expect((await nemesis.get('/college', await nemesis.token())).status).toBe(200)
  })

  it('stops a start for others with one line, and one that cannot be asked too', async () => {
    for (const env of [OTHERS, { NODE_ENV: 'production' }])
      await expect(ldap.process(env)).rejects.toMatchObject({
        name: 'ConfigError',
        message: expect.stringMatching(/^the directory holds the demo person teacher_coll1, /) as string,
      })
    await expect(ldap.process({ ...OTHERS, LDAP_URL: 'ldap://127.0.0.1:1' })).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/^the directory does not answer; [^\n]+$/) as string,
    })
  })

  it('is good for others once they were taken out', async () => {
    const { directory } = ldap.storage
    expect(await removeDemo(directory, demoRoster())).toEqual(demoPeople().map(({ userid }) => userid))
    const nemesis = await ldap.process(OTHERS)
    expect((await nemesis.post('/auth', LEADER)).status).toBe(403)
  })
})
