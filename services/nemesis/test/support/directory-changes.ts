import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Directory, NewPerson } from '../../src/directory.ts'
import type { LoadedDirectory } from './directory-behaviour.ts'

const COLLEGES = [
  { name: 'college-blue', title: 'The blue college' },
  { name: 'college-x', title: 'Колледж “x”, north; west' },
]
const TEAMS = ['team-BLU', 'team-XYZ', 'team-a, b+c']

const person = (userid: string, more: Partial<NewPerson> = {}): NewPerson => ({
  userid,
  firstName: 'Ada',
  surname: 'Lovelace',
  email: undefined,
  password: undefined,
  roles: [],
  colleges: [],
  teams: [],
  ...more,
})

const refusedAs = (code: string) => ({
  ok: false,
  error: { code, message: expect.stringMatching(/./) as string },
})

/** What every directory does when people, colleges and teams come and go. Run it on each, on an empty one. */
export function directoryChanges(name: string, load: () => Promise<LoadedDirectory>): void {
  describe(`people who come to the ${name} directory, and go`, () => {
    let loaded: LoadedDirectory
    let directory: Directory
    beforeAll(async () => {
      loaded = await load()
      directory = loaded.directory
      await directory.addColleges(COLLEGES)
      await directory.addTeams(TEAMS)
    })
    afterAll(() => loaded[Symbol.asyncDispose]())

    const added = async (newcomer: NewPerson) =>
      expect(await directory.add(newcomer)).toMatchObject({ ok: true })

    it('has the colleges that were added, and keeps what is there already', async () => {
      await directory.addColleges([{ name: 'college-blue', title: 'Another title' }])
      await directory.addTeams(TEAMS)
      const there = await directory.colleges()
      expect(there.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(COLLEGES)
      for (const team of TEAMS) expect(await directory.hasTeam(team), team).toBe(true)
    })

    it('puts someone in with everything that was said', async () => {
      const ada = person('ada', {
        email: 'ada@example.org',
        password: 'pass word',
        roles: ['team-leader', 'blueshirt', 'administrator'],
        colleges: ['college-x', 'college-blue'],
        teams: TEAMS,
      })
      await added(ada)
      const known = await directory.person('ada')
      expect(known).toMatchObject({
        userid: 'ada',
        firstName: 'Ada',
        surname: 'Lovelace',
        email: 'ada@example.org',
      })
      expect(known?.roles.toSorted()).toEqual(ada.roles.toSorted())
      expect(known?.colleges.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(COLLEGES)
      const members = await directory.members('college-x')
      expect(members.userids).toEqual(['ada'])
      expect(members.teams.toSorted()).toEqual(TEAMS.toSorted())
      expect(await directory.authenticate('ada', 'pass word')).toMatchObject({ ok: true })
      expect(await directory.personByEmail('ADA@example.org')).toMatchObject({ userid: 'ada' })
    })

    it('lets nobody log in as someone who has no password yet', async () => {
      await added(person('keyless'))
      for (const password of ['', 'undefined', '*']) {
        expect((await directory.authenticate('keyless', password)).ok).toBe(false)
      }
      expect(await directory.setPassword('keyless', 'now')).toMatchObject({ ok: true })
      expect((await directory.authenticate('keyless', 'now')).ok).toBe(true)
    })

    it('takes nobody whose userid, address or place will not do, and leaves nothing of them', async () => {
      await added(person('first', { email: 'first@example.org' }))
      const taken = person('FIRST', { colleges: ['college-x'], email: 'other@example.org' })
      expect(await directory.add(taken)).toEqual(refusedAs('USERID_TAKEN'))
      const email = 'FIRST@example.org'
      expect(await directory.add(person('second', { email }))).toEqual(refusedAs('EMAIL_TAKEN'))
      for (const impossible of [
        person('second', { colleges: ['college-blue', 'college-none'] }),
        person('second', { teams: ['team-none'] }),
        person('second', { email: 'not an address' }),
        person('second', { password: 'x'.repeat(1025) }),
        person('two,uid=second'),
        person(''),
      ]) {
        expect(await directory.add(impossible)).toEqual(refusedAs('IMPOSSIBLE'))
      }
      expect(await directory.person('second')).toBe(undefined)
      expect(await directory.useridsFrom('second')).toEqual([])
      expect((await directory.members('college-x')).userids).not.toContain('FIRST')
      expect(await directory.person('first')).toMatchObject({ email: 'first@example.org', colleges: [] })
    })

    it('takes names, passwords and addresses as they are, whatever they hold', async () => {
      const odd = person("o'd d.*()&", {
        firstName: '*)(cn=*',
        surname: 'Ünï, "cød"; <x>=\\2a#+',
        password: '*)(\\00',
        email: "o'd+d&=*@example.org",
      })
      await added(odd)
      expect(await directory.person(odd.userid)).toMatchObject({
        userid: odd.userid,
        firstName: odd.firstName,
        surname: odd.surname,
        email: odd.email,
      })
      expect((await directory.authenticate(odd.userid, '*)(\\00')).ok).toBe(true)
      expect(await directory.personByEmail("o'd+d&=*@example.org")).toMatchObject({ userid: odd.userid })
      expect(await directory.personByEmail('*@example.org')).toBe(undefined)
      expect(await directory.remove(odd.userid)).toMatchObject({ ok: true })
      expect(await directory.person(odd.userid)).toBe(undefined)
    })

    it('gives one userid to one of those who want it at once', async () => {
      const done = await Promise.all([1, 2, 3].map(() => directory.add(person('wanted'))))
      expect(done.filter(({ ok }) => ok).length).toBe(1)
    })

    it('gives one address to one of those who want it at once', async () => {
      await added(person('left'))
      await added(person('right'))
      const both = ['left', 'right'].map((userid) => directory.setEmail(userid, 'wanted@example.org'))
      const done = await Promise.all(both)
      expect(done.filter(({ ok }) => ok).length).toBe(1)
      expect(done.find(({ ok }) => !ok)).toEqual(refusedAs('EMAIL_TAKEN'))
    })

    it('adds places to those that someone has', async () => {
      await added(person('mover', { colleges: ['college-x'] }))
      const places = { roles: ['blueshirt'], colleges: ['college-blue'], teams: ['team-BLU'] } as const
      for (let times = 0; times < 2; times++)
        expect(await directory.enrol('MOVER', places)).toMatchObject({ ok: true })
      const mover = await directory.person('mover')
      expect(mover).toMatchObject({ userid: 'mover', firstName: 'Ada', roles: ['blueshirt'] })
      expect(mover?.colleges.map((college) => college.name).toSorted()).toEqual(['college-blue', 'college-x'])
      expect((await directory.members('college-blue')).userids).toContain('mover')
      const nowhere = { roles: [], colleges: ['college-none'], teams: [] }
      expect(await directory.enrol('mover', nowhere)).toEqual(refusedAs('IMPOSSIBLE'))
      expect(await directory.enrol('nobody', places)).toEqual(refusedAs('NOBODY'))
    })

    it('knows the userids that begin so, in any case', async () => {
      await added(person('x_ab1'))
      await added(person('X_AB12'))
      await added(person('y_ab1'))
      expect((await directory.useridsFrom('x_ab')).toSorted()).toEqual(['X_AB12', 'x_ab1'])
      for (const none of ['x_ab2', '*', '%', 'x%', 'x*', '\\'])
        expect(await directory.useridsFrom(none), none).toEqual([])
      expect(await directory.useridsFrom('')).toEqual(expect.arrayContaining(['x_ab1', 'X_AB12', 'y_ab1']))
    })

    it('lets go of someone with rights and places, and makes nobody of that name an heir', async () => {
      const leaver = person('leaver', {
        roles: ['administrator'],
        colleges: ['college-x'],
        teams: ['team-XYZ'],
      })
      await added({ ...leaver, password: 'mine' })
      const before = await directory.subject('leaver')
      expect(await directory.remove('LEAVER')).toMatchObject({ ok: true })
      expect(await directory.person('leaver')).toBe(undefined)
      expect(await directory.subject('leaver')).toBe(undefined)
      expect((await directory.members('college-x')).userids).not.toContain('leaver')
      expect(await directory.remove('leaver')).toEqual(refusedAs('NOBODY'))
      expect(before).toMatchObject({ username: 'leaver' })
    })

    it('issues tokens of another generation once a password has changed', async () => {
      await added(person('changer', { password: 'old' }))
      const before = await directory.authenticate('changer', 'old')
      expect(await directory.subject('CHANGER')).toEqual(before.ok && expect.objectContaining(before.value))
      await directory.setPassword('changer', 'new')
      const after = await directory.authenticate('changer', 'new')
      expect(after).toMatchObject({ ok: true, value: { username: 'changer' } })
      if (!before.ok || !after.ok) throw new Error('neither failed')
      expect(after.value.id).toBe(before.value.id)
      expect(after.value.generation).toBeGreaterThan(before.value.generation)
    })
  })
}
