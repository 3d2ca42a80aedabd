import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Directory } from '../../src/directory.ts'
import type { Roster } from '../../src/domain/roster.ts'

/** A directory that holds exactly the people of `roster`, until it is disposed of. */
export interface LoadedDirectory extends AsyncDisposable {
  directory: Directory
}

/** What every directory does. Run it on each: `load` puts the demo people in. */
export function directoryBehaviour(
  name: string,
  roster: Roster,
  load: (roster: Roster) => Promise<LoadedDirectory>,
): void {
  describe(`the ${name} directory`, () => {
    let loaded: LoadedDirectory
    let directory: Directory
    beforeAll(async () => {
      loaded = await load(roster)
      directory = loaded.directory
    })
    afterAll(() => loaded[Symbol.asyncDispose]())

    it('knows every person, with name, address, roles and colleges', async () => {
      for (const { userid, firstName, surname, email, roles, colleges } of roster.people) {
        const person = await directory.person(userid)
        expect(person).toMatchObject({ userid, firstName, surname, email, roles })
        expect(person?.colleges.map((college) => college.name)).toEqual(colleges)
      }
    })

    it('names the colleges as people call them', async () => {
      const person = await directory.person('teacher_coll2')
      expect(person?.colleges).toEqual([{ name: 'college-2', title: 'college the second' }])
    })

    it('has the members of a college and their teams', async () => {
      for (const { name: college } of roster.colleges) {
        const members = roster.people.filter(({ colleges }) => colleges.includes(college))
        const { userids, teams } = await directory.members(college)
        expect(userids.toSorted()).toEqual(members.map(({ userid }) => userid).toSorted())
        expect(teams.toSorted()).toEqual([...new Set(members.flatMap((member) => member.teams))].toSorted())
      }
      expect(await directory.members('college-none')).toEqual({ userids: [], teams: [] })
    })

    it('knows teams by their exact names', async () => {
      for (const team of roster.teams) expect(await directory.hasTeam(team)).toBe(true)
      for (const team of ['team-XYZ', 'ABC', 'team-abc', '*', 'team-*', '', 'college-1'])
        expect(await directory.hasTeam(team), team).toBe(false)
    })

    it('knows userids in any case, and answers them as they are written', async () => {
      expect(await directory.person('TEACHER_coll1')).toMatchObject({ userid: 'teacher_coll1' })
    })

    it('checks passwords', async () => {
      for (const { userid, password = '' } of roster.people) {
        const right = await directory.authenticate(userid, password)
        expect(right).toMatchObject({ ok: true, value: { username: userid } })
        expect((await directory.authenticate(userid, `${password}x`)).ok).toBe(false)
        // LDAP takes a bind without a password for an anonymous one, and calls it a success (RFC 4513 §5.1.2).
        expect((await directory.authenticate(userid, '')).ok).toBe(false)
      }
    })

    it.each([
      '',
      ' ',
      '*',
      'teacher*',
      ')(',
      '*)(uid=*))(|(uid=*',
      'teacher_coll1)(&',
      'teacher_coll1,ou=users',
      'teacher_coll1+cn=x',
      '\\2a',
      'teacher_coll1\u0000',
      'teacher_coll1 ',
      '\ud800',
      '__proto__',
      'constructor',
      'x'.repeat(10_000),
    ])('knows nobody called %j', async (userid) => {
      expect(await directory.person(userid)).toBe(undefined)
      expect((await directory.authenticate(userid, 'facebees')).ok).toBe(false)
      expect((await directory.setPassword(userid, 'new')).ok).toBe(false)
      expect((await directory.setEmail(userid, 'new@example.org')).ok).toBe(false)
    })

    it('changes an address, but to nobody else’s', async () => {
      expect(await directory.setEmail('student_coll2_1', 'new@example.org')).toMatchObject({ ok: true })
      expect(await directory.person('student_coll2_1')).toMatchObject({ email: 'new@example.org' })
      for (const email of ['student4@teacher.com', 'STUDENT4@teacher.com'])
        expect(await directory.setEmail('student_coll2_1', email)).toEqual({
          ok: false,
          error: { code: 'EMAIL_TAKEN', message: expect.stringMatching(/./) as string },
        })
      expect(await directory.person('student_coll2_1')).toMatchObject({ email: 'new@example.org' })
    })

    it('changes a password, byte for byte', async () => {
      for (const password of [' spaced ', 'Пароль-密码', '*)(', 'x'.repeat(1024)]) {
        expect((await directory.setPassword('student_coll2_2', password)).ok).toBe(true)
        expect((await directory.authenticate('student_coll2_2', password)).ok).toBe(true)
        expect((await directory.authenticate('student_coll2_2', password.slice(1))).ok).toBe(false)
      }
    })
  })
}
