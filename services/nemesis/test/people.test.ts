import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let token: string
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    token = await nemesis.token()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  const REFUSED = { status: 403, body: {} }

  describe('GET /college', () => {
    it('has every userid of the college, the leader too, its teams and its name', async () => {
      expect(await nemesis.get('/college', token)).toMatchObject({
        status: 200,
        body: {
          userids: ['student_coll1_1', 'student_coll1_2', 'teacher_coll1'],
          teams: ['team-ABC', 'team-DFE'],
          college_name: 'college the first',
        },
      })
    })

    it('has each team that has a member in the college, once, and no other', async () => {
      const other = await nemesis.token({ username: 'teacher_coll2', password: 'noway' })
      expect(await nemesis.get('/college', other)).toMatchObject({
        body: {
          userids: ['student_coll2_1', 'student_coll2_2', 'teacher_coll2'],
          teams: ['team-QWE'],
          college_name: 'college the second',
        },
      })
    })

    it('is the first by name for a leader of several', async () => {
      const leader = await house.add({
        userid: 'two',
        roles: ['team-leader'],
        colleges: ['college-9', 'college-8'],
      })
      expect(await nemesis.get('/college', await nemesis.token(leader))).toMatchObject({
        body: { userids: ['two'], teams: [], college_name: 'The college-8' },
      })
    })

    it.each([
      ['no token', undefined],
      ['an empty token', ''],
      ['nonsense', 'nonsense'],
    ])('is refused with 403 and an empty object for %s', async (_what, bad) => {
      expect(await nemesis.get('/college', bad)).toMatchObject(REFUSED)
      expect(await nemesis.get(`/college?token=${bad ?? ''}`)).toMatchObject(REFUSED)
    })
  })

  describe('GET /user/:userid', () => {
    it('has the full name and the e-mail address', async () => {
      expect(await nemesis.get('/user/student_coll1_1', token)).toMatchObject({
        status: 200,
        body: { full_name: 'student1 student', email: 'student1@teacher.com' },
      })
    })

    it('has an empty address for somebody without one', async () => {
      await house.add({ userid: 'no-mail', roles: [], colleges: ['college-1'] })
      expect(await nemesis.get('/user/no-mail', token)).toMatchObject({
        body: { full_name: 'Test no-mail', email: '' },
      })
    })

    it('knows names of any script, and prototype names', async () => {
      // Groups of LDAP name their members in ASCII (RFC 2307, memberUid).
      const names = directory === 'ldap' ? [] : ['Ζωή']
      for (const userid of [...names, '__proto__', 'constructor', '100%', 'a b']) {
        await house.add({ userid, roles: [], colleges: ['college-1'] })
        expect(await nemesis.get(`/user/${encodeURIComponent(userid)}`, token)).toMatchObject({
          body: { full_name: `Test ${userid}` },
        })
      }
    })

    it('is the person named register, where there is one', async () => {
      expect(await nemesis.get('/user/register', token)).toMatchObject(REFUSED)
      await house.add({ userid: 'register', roles: [], colleges: ['college-1'] })
      expect(await nemesis.get('/user/register', token)).toMatchObject({
        body: { full_name: 'Test register' },
      })
    })

    it('shows the leader, other leaders and the mentors of the college', async () => {
      await house.add({ userid: 'colleague', roles: ['team-leader'], colleges: ['college-1'] })
      await house.add({ userid: 'mentor', roles: ['blueshirt'], colleges: ['college-1'] })
      for (const userid of [LEADER.username, 'colleague', 'mentor'])
        expect((await nemesis.get(`/user/${userid}`, token)).status, userid).toBe(200)
    })

    it('is refused for people of another college, of none, and who do not exist, all alike', async () => {
      await house.add({ userid: 'loner', roles: [] })
      await house.add({ userid: 'ide-only' })
      for (const userid of ['student_coll2_1', 'teacher_coll2', 'loner', 'ide-only', 'nobody'])
        expect(await nemesis.get(`/user/${userid}`, token), userid).toMatchObject(REFUSED)
    })

    it('shows an administrator everyone', async () => {
      const admin = await house.add({ userid: 'admin', roles: ['administrator'], colleges: ['college-2'] })
      const all = await nemesis.token(admin)
      expect((await nemesis.get('/user/student_coll1_1', all)).status).toBe(200)
      expect((await nemesis.get('/user/student_coll2_1', all)).status).toBe(200)
      expect(await nemesis.get('/user/nobody', all)).toMatchObject(REFUSED)
    })
  })

  describe('POST /user/:userid', () => {
    const DONE = { status: 200, body: {} }

    it('changes the e-mail address', async () => {
      expect(
        await nemesis.post('/user/student_coll1_1', { email: ' new@example.org ' }, token),
      ).toMatchObject(DONE)
      expect(await nemesis.get('/user/student_coll1_1', token)).toMatchObject({
        body: { email: 'new@example.org' },
      })
    })

    it('changes the password', async () => {
      expect(await nemesis.postJson('/user/student_coll1_2', { password: 'sheep' }, token)).toMatchObject(
        DONE,
      )
      expect(await house.isPassword('student_coll1_2', 'sheep')).toBe(true)
      expect(await house.isPassword('student_coll1_2', 'cows')).toBe(false)
    })

    it('changes both, from the query too', async () => {
      const { username } = await house.add({ userid: 'both', roles: [], colleges: ['college-1'] })
      expect(
        await nemesis.post(`/user/${username}?email=both@example.org&password=pw`, {}, token),
      ).toMatchObject(DONE)
      expect(await house.isPassword(username, 'pw')).toBe(true)
      expect(await house.emailOf(username)).toBe('both@example.org')
    })

    it('changes nothing where nothing is given', async () => {
      expect(await nemesis.post('/user/student_coll1_1', {}, token)).toMatchObject(DONE)
      expect(await nemesis.post('/user/student_coll1_1', { role: 'administrator' }, token)).toMatchObject(
        DONE,
      )
      expect(await house.isPassword('student_coll1_1', 'cows')).toBe(true)
    })

    it('takes an address that the person has already', async () => {
      const email = 'same@example.org'
      await house.add({ userid: 'same', email, roles: [], colleges: ['college-1'] })
      expect(await nemesis.post('/user/same', { email }, token)).toMatchObject(DONE)
      expect(await nemesis.post('/user/same', { email: 'SAME@example.org' }, token)).toMatchObject(DONE)
      expect(await house.emailOf('same')).toBe('SAME@example.org')
    })

    it('lets a leader change himself, and another leader of the college', async () => {
      const mate = await house.add({ userid: 'mate', roles: ['team-leader'], colleges: ['college-1'] })
      const own = await nemesis.token(mate)
      expect(await nemesis.post('/user/mate', { email: 'mate@example.org' }, own)).toMatchObject(DONE)
      expect(await nemesis.post('/user/mate', { email: 'mate2@example.org' }, token)).toMatchObject(DONE)
    })

    it('is refused for people of another college and for userids that do not exist', async () => {
      for (const userid of ['student_coll2_1', 'teacher_coll2', 'nobody'])
        expect(await nemesis.post(`/user/${userid}`, { password: 'mine now' }, token), userid).toMatchObject(
          REFUSED,
        )
      expect(await house.isPassword('teacher_coll2', 'noway')).toBe(true)
    })

    it('is refused for someone with rights that the asker lacks', async () => {
      const people = [
        await house.add({ userid: 'm1', roles: ['blueshirt'], colleges: ['college-1'] }),
        await house.add({ userid: 'm2', roles: ['team-leader', 'blueshirt'], colleges: ['college-1'] }),
        await house.add({ userid: 'a1', roles: ['administrator'], colleges: ['college-1'] }),
      ]
      for (const { username, password } of people) {
        const parameters = { email: `${username}@evil.example`, password: 'mine now' }
        expect(await nemesis.post(`/user/${username}`, parameters, token), username).toMatchObject(REFUSED)
        expect(await house.isPassword(username, password), username).toBe(true)
        expect(await house.emailOf(username), username).toBe(undefined)
      }
    })

    it('is refused without a token, whatever else is wrong', async () => {
      expect(await nemesis.post('/user/student_coll1_1', { email: 'x' })).toMatchObject(REFUSED)
      expect(await nemesis.postJson('/user/student_coll1_1', '{"broken')).toMatchObject(REFUSED)
    })

    it('answers an address that is impossible or somebody else’s with 400, and changes nothing', async () => {
      await house.add({ userid: 'owner', email: 'taken@example.org' })
      await house.add({ userid: 'target', email: 'target@example.org', roles: [], colleges: ['college-1'] })
      const bad = [
        '',
        'x',
        'a@b',
        'a@example.org\r\nBcc: b@example.org',
        'a@example.org,b@example.org',
        'TAKEN@example.org',
        'taken@example.org',
      ]
      for (const email of bad) {
        const answer = await nemesis.post('/user/target', { email, password: 'new' }, token)
        expect(answer, email).toMatchObject({
          status: 400,
          body: { error: expect.stringMatching(/./) as string },
        })
      }
      expect(await house.isPassword('target', 'correct horse')).toBe(true)
      expect(await house.emailOf('target')).toBe('target@example.org')
    })

    it('answers a password that is impossible with 400, and changes nothing', async () => {
      await house.add({ userid: 'pw', email: 'pw@example.org', roles: [], colleges: ['college-1'] })
      for (const password of ['', 'x'.repeat(1025), ['a'], null, 1]) {
        const answer = await nemesis.postJson('/user/pw', { email: 'other@example.org', password }, token)
        expect(answer).toMatchObject({
          status: 400,
          body: { error: expect.stringMatching(/^password/) as string },
        })
      }
      expect(await house.emailOf('pw')).toBe('pw@example.org')
    })

    it('takes back every token of a person whose password it changes', async () => {
      const mate = await house.add({ userid: 'revoked', roles: ['team-leader'], colleges: ['college-1'] })
      const tokens = [await nemesis.token(mate), await nemesis.token(mate)]
      await nemesis.post('/user/revoked', { password: 'changed' }, token)
      for (const old of tokens) expect(await nemesis.get('/college', old)).toMatchObject(REFUSED)
      const fresh = await nemesis.token({ ...mate, password: 'changed' })
      expect((await nemesis.get('/college', fresh)).status).toBe(200)
      await nemesis.post('/user/revoked', { password: 'by myself' }, fresh)
      expect(await nemesis.get('/college', fresh)).toMatchObject(REFUSED)
    })
  })
})
