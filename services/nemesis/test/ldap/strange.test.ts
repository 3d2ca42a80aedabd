import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { isUnavailable } from '@switchboard/kit/database'
import { freePort } from '@switchboard/testing/port'
import { type LiveSlapd, liveSlapd, SLAPD_BASE, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import { Attribute, Change, Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLdapDirectory } from '../../src/ldap/directory.ts'
import { DEMO_LDIF, hasSlapd } from '../support/slapd.ts'
import { configFor, directoryAt, memorySubjects } from './support.ts'

const nobody = { firstName: 'Ada', surname: 'Lovelace', email: undefined, password: undefined }
const nowhere = { roles: [], colleges: [], teams: [] }

const groupDn = (name: string): string => `cn=${name},ou=groups,${SLAPD_BASE}`

describe.skipIf(!hasSlapd)('a directory that others change too', () => {
  let slapd: LiveSlapd
  let client: Client
  let directory: ReturnType<typeof directoryAt>
  beforeAll(async () => {
    slapd = await liveSlapd({ ldif: DEMO_LDIF })
    client = new Client({ url: slapd.url })
    await client.bind(SLAPD_MANAGER.dn, SLAPD_MANAGER.password)
    directory = directoryAt(slapd)
  })
  afterAll(async () => {
    directory[Symbol.dispose]()
    await client.unbind()
    await slapd[Symbol.asyncDispose]()
  })

  const join = (group: string, userid: string) => {
    const modification = new Attribute({ type: 'memberUid', values: [userid] })
    return client.modify(groupDn(group), new Change({ operation: 'add', modification }))
  }

  it('has people who are no heirs of what somebody of their name left behind', async () => {
    for (const group of ['teachers', 'college-1', 'college-2']) await join(group, 'heir')
    // The name alone is taken; there is nobody of it.
    expect(await directory.useridsFrom('hei')).toEqual(['heir'])
    expect(await directory.person('heir')).toBe(undefined)
    const heir = { ...nobody, ...nowhere, userid: 'heir', colleges: ['college-2'] }
    expect(await directory.add(heir)).toMatchObject({ ok: true })
    expect(await directory.person('heir')).toMatchObject({ roles: [], colleges: [{ name: 'college-2' }] })
  })

  it('has people whom groups name in another case in no group', async () => {
    await join('college-1', 'STUDENT_coll2_1')
    const { colleges } = (await directory.person('STUDENT_COLL2_1')) ?? {}
    expect(colleges?.map(({ name }) => name)).toEqual(['college-2'])
  })

  it('has its people below ou=users only', async () => {
    const entry = {
      objectClass: 'inetOrgPerson',
      uid: 'robot',
      cn: 'A',
      sn: 'Robot',
      mail: 'robot@example.org',
    }
    await client.add(`uid=robot,${SLAPD_BASE}`, { ...entry, userPassword: 'beep' })
    expect(await directory.person('robot')).toBe(undefined)
    expect(await directory.personByEmail('robot@example.org')).toBe(undefined)
    expect((await directory.authenticate('robot', 'beep')).ok).toBe(false)
  })

  it('gives each new group the next number above 3000', async () => {
    const numbered = { objectClass: 'posixGroup', cn: 'theirs', gidNumber: '3100' }
    await client.add(groupDn('theirs'), numbered)
    await Promise.all([directory.addTeams(['team-N1', 'team-N2']), directory.addTeams(['team-N3'])])
    const filter = '(cn=team-N*)'
    const { searchEntries } = await client.search(SLAPD_BASE, { filter, attributes: ['gidNumber'] })
    expect(searchEntries.map(({ gidNumber }) => gidNumber).toSorted()).toEqual(['3101', '3102', '3103'])
  })

  it('makes the group of a role at its first use', async () => {
    await client.del(groupDn('mentors')).catch(() => {})
    const places = { ...nowhere, roles: ['blueshirt'] } as const
    expect(await directory.enrol('student_coll1_2', places)).toMatchObject({ ok: true })
    expect(await directory.person('student_coll1_2')).toMatchObject({ roles: ['blueshirt'] })
  })

  it('takes no name and no address that its schema does not take, and leaves nothing of them', async () => {
    const impossible = { ok: false, error: { code: 'IMPOSSIBLE' } }
    // `mail` and `memberUid` are ASCII (RFC 4524 §2.16, RFC 2307 §2.2).
    expect(await directory.setEmail('student_coll1_1', 'ü@example.org')).toMatchObject(impossible)
    const foreign = { ...nobody, ...nowhere, userid: 'ülf' }
    expect(await directory.add({ ...foreign, colleges: ['college-1'] })).toMatchObject(impossible)
    expect(await directory.add({ ...foreign, surname: '' })).toMatchObject(impossible)
    expect(await directory.person('ülf')).toBe(undefined)
    expect(await directory.add(foreign)).toMatchObject({ ok: true })
    expect(await directory.person('ÜLF')).toMatchObject({ userid: 'ülf' })
  })
})

it.skipIf(!hasSlapd)('nothing is left of somebody whose password a server refuses', async () => {
  await using slapd = await liveSlapd({ ldif: DEMO_LDIF, passwordModify: 'refused' })
  using directory = directoryAt(slapd)
  const ada = { ...nobody, ...nowhere, userid: 'ada', colleges: ['college-1'] }
  await expect(directory.add({ ...ada, password: 'secret' })).rejects.toThrow('result code 53')
  expect(await directory.useridsFrom('ada')).toEqual([])
  expect(await directory.add(ada)).toMatchObject({ ok: true })
})

describe.skipIf(!hasSlapd)('what is wrong with a server', () => {
  let slapd: LiveSlapd
  beforeAll(async () => {
    slapd = await liveSlapd({ ldif: DEMO_LDIF })
  })
  afterAll(() => slapd[Symbol.asyncDispose]())

  const opened = (more: Parameters<typeof configFor>[1]) =>
    openLdapDirectory({
      config: configFor(slapd, more),
      subjects: memorySubjects(),
      exclusive: (work) => work(),
    })

  it('does not matter where another one answers', async () => {
    const dead = `ldap://127.0.0.1:${await freePort()}`
    using directory = await opened({ urls: [dead, slapd.url] })
    expect(await directory.person('teacher_coll1')).toMatchObject({ userid: 'teacher_coll1' })
  })

  it('is told at the start in one line where it does not pass by itself, and never with a password', async () => {
    const manager = { dn: SLAPD_MANAGER.dn, password: 'not this one' }
    const refused =
      /^LDAP_URL: the LDAP server cannot be used: result code 49 to LDAP_MANAGER_DN and its password/
    await expect(opened({ manager })).rejects.toThrow(refused)
    await expect(opened({ manager })).rejects.not.toThrow('not this one')
    await expect(opened({ base: 'o=nowhere' })).rejects.toThrow('LDAP_BASE: there is no ou=users,o=nowhere')
  })

  it('is waited for where it may pass: the start goes on, and every call rejects', async () => {
    using directory = await opened({ urls: [`ldap://127.0.0.1:${await freePort()}`] })
    const calls = [
      directory.person('teacher_coll1'),
      directory.authenticate('teacher_coll1', 'facebees'),
      directory.setPassword('teacher_coll1', 'new'),
      directory.ping(),
    ]
    for (const call of calls) await expect(call).rejects.toSatisfy(isUnavailable)
  })

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['speaks something else', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['answers with nonsense', (socket: Socket) => socket.write(Buffer.from('300c02010161840000', 'hex'))],
    ['says nothing', () => {}],
  ])('is that it %s: every call rejects in time', async (_what, serve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => serve(socket))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    using directory = directoryAt({ url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}` })
    const start = Date.now()
    await expect(directory.person('teacher_coll1')).rejects.toSatisfy(isUnavailable)
    // 2 s to connect and bind, and a busy machine.
    expect(Date.now() - start).toBeLessThan(9_000)
    server.close()
  })
})
