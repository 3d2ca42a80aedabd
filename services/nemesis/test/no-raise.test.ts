import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandError } from '../src/admin/command.ts'
import { runCommand } from '../src/admin/run.ts'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process, request } from './support/house.ts'
import { addAdministrator, register } from './support/queue.ts'

/** What somebody might send along who wishes for more. */
const WISHES = {
  roles: 'administrator',
  role: 'administrator',
  college: 'college-2',
  colleges: 'college-2',
  memberUid: 'teachers',
  userid: 'teacher_coll2',
  'roles[]': 'administrator',
}

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

  const standing = async (userid: string) => {
    const person = await house.storage.directory.person(userid)
    return { roles: person?.roles, colleges: person?.colleges.map(({ name }) => name) }
  }
  const PLAIN = { roles: [], colleges: ['college-1'] }

  describe('nobody raises his own rights', () => {
    it('by serving himself', async () => {
      const student = { username: 'student_coll1_1', password: 'cows', scope: 'self' }
      const { body } = await nemesis.post('/auth', student)
      const { token } = body as { token: string }
      for (const send of [nemesis.post, nemesis.postJson])
        await send('/user/student_coll1_1', { password: 'cows', ...WISHES }, token)
      expect(await standing('student_coll1_1')).toEqual(PLAIN)
      const own = await nemesis.token({ ...student })
      for (const path of ['/college', '/registrations', '/audit', '/user/teacher_coll1'])
        expect(await nemesis.get(path, own), path).toMatchObject({ status: 403, body: {} })
    })

    it('by changing himself as a leader', async () => {
      await nemesis.post('/user/teacher_coll1', { email: 'new@teacher.com', ...WISHES }, leader)
      expect(await standing('teacher_coll1')).toEqual({ roles: ['team-leader'], colleges: ['college-1'] })
    })

    it('by becoming a leader of the own college who leads in another one too', async () => {
      const both = { roles: ['team-leader' as const], colleges: ['college-1', 'college-2'] }
      await house.add({ userid: 'both', ...both })
      for (const change of [{ password: 'mine' }, { email: 'mine@example.org' }])
        expect(await nemesis.post('/user/both', change, leader)).toMatchObject({ status: 403, body: {} })
      expect(await house.isPassword('both', 'mine')).toBe(false)
      expect((await nemesis.get('/user/both', leader)).status).toBe(200)
    })

    it('by being registered and approved', async () => {
      const wish = { first_name: 'Eve', email: 'eve@example.org', ...WISHES }
      const id = await register(house, nemesis, leader, wish)
      expect(await nemesis.post(`/registrations/${id}/approve`, {}, leader)).toMatchObject({ status: 403 })
      expect((await nemesis.post(`/registrations/${id}/approve`, WISHES, admin)).status).toBe(200)
      expect(await standing('1_el1')).toEqual(PLAIN)
    })

    it('by being imported into the queue', async () => {
      const body = [
        'first_name,last_name,email,team,college,roles,userid',
        'Mal,Lovelace,mal@example.org,team-ABC,college-1,administrator,teacher_coll2',
      ].join('\n')
      const load = (token: string) =>
        request(`${nemesis.server.url}/registrations/import`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` },
        })
      expect((await load(leader)).status).toBe(403)
      expect((await load(admin)).status).toBe(200)
      const [row] = await house.rows(`SELECT id FROM nemesis.registration WHERE first_name = 'Mal'`)
      expect((await nemesis.post(`/registrations/${row?.['id']}/approve`, {}, admin)).status).toBe(200)
      expect(await standing('1_ml1')).toEqual(PLAIN)
    })
  })

  // Where people are in LDAP, an account of ide and chat is nobody there.
  if (directory === 'database')
    describe('an account that was there first', () => {
      const ldif = [
        'dn: uid=early,ou=users,o=sr',
        'objectClass: inetOrgPerson',
        'uid: early',
        'cn: Early',
        'sn: Leader',
        '',
        'dn: cn=admins,ou=groups,o=sr',
        'objectClass: posixGroup',
        'cn: admins',
        'memberUid: early',
        '',
      ]

      /** Answers the errors. */
      async function load(lines: readonly string[], ...options: string[]): Promise<string[]> {
        const path = join(house.dir, 'early.ldif')
        await writeFile(path, lines.join('\n'))
        const errors: string[] = []
        const terminal = {
          say: () => {},
          warn: (line: string) => void errors.push(line),
          progress: () => {},
          password: async () => '',
        }
        const work = runCommand(['import', path, ...options], {
          terminal,
          withStorage: (run) => run(house.storage),
        })
        await work.catch((error: unknown) => {
          if (!(error instanceof CommandError)) throw error
        })
        return errors
      }

      it('gets no rights by an import, unless the operator says it is the person’s', async () => {
        const early = await house.add({ userid: 'early' })
        const errors = await load(ldif)
        expect(errors).toEqual([
          expect.stringMatching(
            /^line 1: an account of that userid is in no directory, and may be anybody’s/,
          ) as string,
        ])
        const refusal = { status: 403, body: { error: 'not a teacher' } }
        expect(await nemesis.post('/auth', early)).toMatchObject(refusal)
        expect(await load(ldif, '--adopt')).toEqual([])
        expect(await standing('early')).toMatchObject({ roles: ['administrator'] })
      })

      it('is the person’s where it has the password of the file', async () => {
        const { username, password } = await house.add({ userid: 'known' })
        const lines = ldif.map((line) => line.replaceAll('early', username))
        expect(await load(lines.toSpliced(5, 0, 'userPassword: another'))).toHaveLength(1)
        expect(await standing(username)).toEqual({ roles: undefined, colleges: undefined })
        expect(await load(lines.toSpliced(5, 0, `userPassword: ${password}`))).toEqual([])
        expect(await standing(username)).toMatchObject({ roles: ['administrator'] })
      })
    })

  it('a leader stays one: after all that he may do no more than before', async () => {
    const token = await nemesis.token(LEADER)
    expect((await nemesis.get('/audit', token)).status).toBe(403)
    expect((await nemesis.get('/user/teacher_coll2', token)).status).toBe(403)
    expect((await nemesis.get('/college', token)).status).toBe(200)
  })
})
