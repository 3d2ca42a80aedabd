import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Directory, NewPerson } from '../src/directory.ts'
import { type House, openHouse } from './support/house.ts'

/** What the database directory does because its people are accounts, which others have too. */

let house: House
let directory: Directory
beforeAll(async () => {
  house = await openHouse()
  directory = house.storage.directory
  await directory.addColleges([{ name: 'college-1', title: 'college the first' }])
})
afterAll(() => house[Symbol.asyncDispose]())

const person = (userid: string, more: Partial<NewPerson> = {}): NewPerson => ({
  userid,
  firstName: 'Ada',
  surname: 'Lovelace',
  email: undefined,
  password: 'secret',
  roles: [],
  colleges: [],
  teams: [],
  ...more,
})

/** Somebody who signed up elsewhere. */
const signedUp = (userid: string, email?: string) =>
  house.add(email === undefined ? { userid } : { userid, email })

it('who has an account only is nobody in the directory, and is let in by the password alone', async () => {
  const { username, password } = await signedUp('stranger', 'stranger@example.org')
  expect(await directory.person(username)).toBe(undefined)
  expect(await directory.personByEmail('stranger@example.org')).toBe(undefined)
  expect(await directory.subject(username)).toBe(undefined)
  expect(await directory.authenticate(username, password)).toMatchObject({ ok: true, value: { username } })
  for (const change of [
    directory.setEmail(username, 'mine@example.org'),
    directory.setPassword(username, 'mine now'),
    directory.remove(username),
  ])
    expect(await change).toMatchObject({ ok: false, error: { code: 'NOBODY' } })
  expect(await house.accounts.verify(username, password)).toMatchObject({
    ok: true,
    value: { email: 'stranger@example.org', generation: 0 },
  })
})

it('a name or an address that an account has is taken, and nothing is left of whoever wanted it', async () => {
  await signedUp('earlier', 'earlier@example.org')
  const late = person('EARLIER', { colleges: ['college-1'] })
  expect(await directory.add(late)).toMatchObject({ ok: false, error: { code: 'USERID_TAKEN' } })
  const second = person('later', { email: 'Earlier@example.org', colleges: ['college-1'] })
  expect(await directory.add(second)).toMatchObject({ ok: false, error: { code: 'EMAIL_TAKEN' } })
  expect(await house.accounts.byName('later')).toBe(undefined)
  expect(await house.rows('SELECT * FROM nemesis.person')).toEqual([])
  expect(await directory.useridsFrom('earl')).toEqual(['earlier'])
})

it('somebody new is an account that is good everywhere', async () => {
  expect(await directory.add(person('fresh', { email: 'fresh@example.org' }))).toMatchObject({ ok: true })
  expect(await house.accounts.verify('fresh', 'secret')).toMatchObject({
    ok: true,
    value: { email: 'fresh@example.org' },
  })
})

it('what breaks off while somebody is put in leaves neither account nor person', async () => {
  await house.rows('ALTER TABLE nemesis.college_member ADD CONSTRAINT closed CHECK (false) NOT VALID')
  await expect(directory.add(person('halfway', { colleges: ['college-1'] }))).rejects.toThrow()
  await house.rows('ALTER TABLE nemesis.college_member DROP CONSTRAINT closed')
  expect(await house.accounts.byName('halfway')).toBe(undefined)
  expect(await directory.add(person('halfway', { colleges: ['college-1'] }))).toMatchObject({ ok: true })
})

it('an account is put into the directory when it is given places, with the name that is told or its own', async () => {
  const places = { roles: ['team-leader'], colleges: ['college-1'], teams: [] } as const
  await signedUp('Grace', 'grace@example.org')
  expect(await directory.enrol('GRACE', places)).toMatchObject({ ok: true })
  expect(await directory.person('grace')).toMatchObject({
    userid: 'Grace',
    firstName: 'Grace',
    surname: '',
    email: 'grace@example.org',
    roles: ['team-leader'],
  })
  await signedUp('ada')
  expect(await directory.enrol('ada', { ...places, firstName: 'Ada', surname: 'L' })).toMatchObject({
    ok: true,
  })
  expect(await directory.enrol('ada', { ...places, firstName: 'Other' })).toMatchObject({ ok: true })
  expect(await directory.person('ada')).toMatchObject({ firstName: 'Ada', surname: 'L' })
})

it('two who give one person places at once lose neither', async () => {
  await directory.add(person('busy'))
  const roles = ['team-leader', 'blueshirt', 'administrator'] as const
  const many = Array.from({ length: 12 }, (_, index) => [roles[index % 3] ?? 'blueshirt'])
  await Promise.all(
    many.map((one) => directory.enrol('busy', { roles: one, colleges: ['college-1'], teams: [] })),
  )
  const busy = await directory.person('busy')
  expect(busy?.roles.toSorted()).toEqual(roles.toSorted())
  expect(busy?.colleges).toHaveLength(1)
})

it('who is removed keeps the account, and has to log in again everywhere', async () => {
  await directory.add(person('leaver', { email: 'leaver@example.org' }))
  expect(await directory.remove('leaver')).toMatchObject({ ok: true })
  expect(await house.accounts.verify('leaver', 'secret')).toMatchObject({
    ok: true,
    value: { generation: 1 },
  })
  expect(await directory.person('leaver')).toBe(undefined)
})
