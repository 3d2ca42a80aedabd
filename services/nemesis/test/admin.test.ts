import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandError } from '../src/admin/command.ts'
import { runCommand } from '../src/admin/run.ts'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process } from './support/house.ts'
import { register } from './support/queue.ts'

interface Finished {
  out: string[]
  errors: string[]
}

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  /** What a command prints, and its error as the last line of `errors`. */
  async function admin(args: string[], password = '', storage = house.storage): Promise<Finished> {
    const out: string[] = []
    const errors: string[] = []
    const terminal = {
      say: (line: string) => void out.push(...line.split('\n')),
      warn: (line: string) => void errors.push(line),
      progress: () => {},
      async password() {
        if (password === '') throw new CommandError('a new account needs a password')
        return password
      },
    }
    try {
      await runCommand(args, { terminal, withStorage: (work) => work(storage) })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      errors.push(error.message)
    }
    return { out, errors }
  }

  async function file(name: string, lines: readonly string[]): Promise<string> {
    const path = join(house.dir, name)
    await writeFile(path, lines.join('\n'))
    return path
  }

  const audited = async () =>
    (await house.storage.audit.list({ count: 500 })).filter(({ address }) => address === 'command line')

  /** Who has a link to activate, which went into the outbox together with its mail. */
  const invited = async () =>
    (await house.rows(`SELECT userid FROM nemesis.link WHERE kind = 'activate'`)).map(({ userid }) => userid)

  const canAudit = async (username: string, password: string): Promise<boolean> => {
    const token = await nemesis.token({ username, password })
    return (await nemesis.get('/audit', token)).status === 200
  }

  const person = (userid: string, more: string[] = []) => [
    `dn: uid=${userid},ou=users,o=sr`,
    'objectClass: inetOrgPerson',
    `uid: ${userid}`,
    'cn: Test',
    `sn: ${userid}`,
    ...more,
    '',
  ]
  const group = (name: string, ...members: string[]) => [
    `dn: cn=${name},ou=groups,o=sr`,
    'objectClass: posixGroup',
    `cn: ${name}`,
    ...members.map((member) => `memberUid: ${member}`),
    '',
  ]

  describe('people with roles', () => {
    const options = (userid: string) => ['--userid', userid, '--college', 'college-1', '--surname', 'Root']

    it('are made by leader and administrator, and given what they lack', async () => {
      expect(await admin(['leader', ...options('boss')], 'pw')).toEqual({
        out: ['made the account boss', 'boss is a team leader in college-1'],
        errors: [],
      })
      expect(await canAudit('boss', 'pw')).toBe(false)
      expect(await admin(['administrator', ...options('BOSS')])).toEqual({
        out: ['boss is an administrator in college-1'],
        errors: [],
      })
      expect(await canAudit('boss', 'pw')).toBe(true)
      expect((await audited()).slice(0, 2)).toMatchObject([
        {
          actor: null,
          action: 'person-enrolled',
          target: 'BOSS',
          details: { role: 'administrator', college: 'college-1' },
        },
        { action: 'person-added', target: 'boss', details: { role: 'team-leader' } },
      ])
    })

    // Where people are in LDAP, an account of ide and chat is nobody there.
    if (directory === 'database')
      it('may have an account already, whose password stays', async () => {
        const { password } = await house.add({ userid: 'signed' })
        expect(await admin(['leader', ...options('signed')])).toEqual({
          out: [
            'there was an account signed already: its password and e-mail address stay',
            'signed is a team leader in college-1',
          ],
          errors: [],
        })
        expect(await nemesis.token({ username: 'signed', password })).toEqual(expect.any(String))
      })

    it('are not made without a password, and nothing else is then', async () => {
      const { errors } = await admin(['leader', '--userid', 'no', '--college', 'college-new'])
      expect(errors).toEqual(['a new account needs a password'])
      expect((await house.storage.directory.colleges()).map(({ name }) => name)).not.toContain('college-new')
    })
  })

  describe('places', () => {
    it('are made once', async () => {
      const college = ['college', 'college-7', '--title', 'The Seventh']
      expect(await admin(college)).toEqual({ out: ['made college-7'], errors: [] })
      expect(await admin(college)).toEqual({ out: ['college-7 is there already'], errors: [] })
      expect(await house.storage.directory.colleges()).toContainEqual({
        name: 'college-7',
        title: 'The Seventh',
      })
      expect(await admin(['team', 'team-7'])).toEqual({ out: ['made team-7'], errors: [] })
      expect(await admin(['team', 'team-7'])).toEqual({ out: ['team-7 is there already'], errors: [] })
      expect(await house.storage.directory.hasTeam('team-7')).toBe(true)
    })
  })

  describe('an import of LDIF', () => {
    const LDIF = [
      ...person('imp_leader', ['mail: imp1@example.org', 'userPassword: typed']),
      ...person('imp_student', [
        'mail: imp2@example.org',
        'userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
      ]),
      ...group('teachers', 'imp_leader'),
      ...group('college-imp', 'imp_leader', 'imp_student'),
      ...group('team-imp', 'imp_student'),
    ]

    it('tells in a dry run what would become of each, and does nothing', async () => {
      const path = await file('dry.ldif', LDIF)
      const before = await audited()
      expect(await admin(['import', path, '--dry-run'])).toEqual({
        out: [
          'line 1: imp_leader would be added',
          'line 9: imp_student would be added',
          'dry run: 2 added, 0 given roles or colleges, 0 there already',
        ],
        errors: ['line 9: imp_student has a hash of a password only, and gets no password'],
      })
      expect(await house.storage.directory.person('imp_leader')).toBe(undefined)
      expect(await audited()).toEqual(before)
    })

    it('makes people, places and roles; passwords where they are known; and may be run again', async () => {
      const path = await file('people.ldif', LDIF)
      expect(await admin(['import', path, '--invite'])).toEqual({
        out: ['2 added, 0 given roles or colleges, 0 there already, 1 invited by mail'],
        errors: ['line 9: imp_student has a hash of a password only, and gets no password'],
      })
      expect(await invited()).toEqual(['imp_student'])
      const token = await nemesis.token({ username: 'imp_leader', password: 'typed' })
      expect(await nemesis.get('/college', token)).toMatchObject({
        body: { userids: ['imp_leader', 'imp_student'], teams: ['team-imp'], college_name: 'college-imp' },
      })
      const entries = await audited()
      expect(entries.slice(0, 5).map(({ action, target }) => [action, target])).toEqual([
        ['person-added', 'imp_student'],
        ['person-added', 'imp_leader'],
        ['team-added', 'team-imp'],
        ['college-added', 'college-imp'],
        ['import', null],
      ])
      expect(JSON.stringify(entries)).not.toMatch(/example\.org|typed|SSHA/)
      expect(await admin(['import', path, '--invite'])).toEqual({
        out: ['0 added, 0 given roles or colleges, 2 there already'],
        errors: [],
      })
    })

    it('goes on where it was broken off, and gives people what they lack', async () => {
      const path = await file('more.ldif', [
        ...LDIF,
        ...person('imp_late'),
        ...group('mentors', 'imp_student'),
        ...group('college-late', 'imp_late'),
      ])
      const { out } = await admin(['import', path])
      expect(out).toEqual(['1 added, 1 given roles or colleges, 1 there already'])
      expect(await house.storage.directory.person('imp_student')).toMatchObject({ roles: ['blueshirt'] })
    })

    it('is broken off with one line where the directory goes away, and then goes on from there', async () => {
      const userids = ['imp_1', 'imp_2', 'imp_3', 'imp_4']
      const path = await file(
        'away.ldif',
        userids.flatMap((userid) => person(userid)),
      )
      let added = 0
      const { directory: own } = house.storage
      const add: typeof own.add = async (one) => {
        if (added++ === 2) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
        return own.add(one)
      }
      expect(await admin(['import', path], '', { ...house.storage, directory: { ...own, add } })).toEqual({
        out: [],
        errors: ['broken off (connect ECONNREFUSED); the same command goes on from there'],
      })
      expect((await audited())[0]).toMatchObject({ target: 'imp_3', details: { failed: true } })
      expect((await admin(['import', path])).out).toEqual([
        '2 added, 0 given roles or colleges, 2 there already',
      ])
      for (const userid of userids) expect(await own.person(userid)).toMatchObject({ userid })
    })

    it('leaves out whose address is somebody else’s, says so, and imports the others', async () => {
      const path = await file('taken.ldif', [
        ...person('imp_thief', ['mail: teacher1@teacher.com']),
        ...person('imp_good'),
      ])
      for (const args of [
        ['import', path, '--dry-run'],
        ['import', path],
      ]) {
        const { errors } = await admin(args)
        expect(errors[0]).toBe('line 1: somebody has that e-mail address already')
        expect(errors[1]).toMatch(/^1 of 2 people (?:would be|were) left out$/)
      }
      expect(await house.storage.directory.person('imp_thief')).toBe(undefined)
      expect(await house.storage.directory.person('imp_good')).toMatchObject({ userid: 'imp_good' })
    })
  })

  describe('an import of CSV', () => {
    const HEADER = 'userid,first_name,surname,email,roles,college,teams'

    it('makes people with roles and places that are there', async () => {
      const path = await file('people.csv', [
        `\ufeff${HEADER}`,
        'csv_1,Ζωή,"O\'Brien, Jr",csv1@example.org,team-leader blueshirt,college-1,"team-ABC;team-DFE"',
        'csv_2,Ada,L,,student,college-1,',
      ])
      expect((await admin(['import', path])).out).toEqual([
        '2 added, 0 given roles or colleges, 0 there already',
      ])
      expect(await house.storage.directory.person('csv_1')).toMatchObject({
        firstName: 'Ζωή',
        surname: "O'Brien, Jr",
        email: 'csv1@example.org',
        roles: expect.arrayContaining(['team-leader', 'blueshirt']) as string[],
      })
      expect(await house.storage.directory.person('csv_2')).toMatchObject({ roles: [], email: undefined })
    })

    it('does nothing where the file has somebody impossible, or a place that is not there', async () => {
      const good = 'csv_3,A,B,,,college-1,'
      const path = await file('bad.csv', [HEADER, good, 'csv_4,=1+1,B,,,college-1,'])
      expect(await admin(['import', path])).toEqual({
        out: [],
        errors: [
          "line 3: a cell begins as a formula does; where it is none, write an ' before it",
          'nothing was imported: 1 of 2 people are impossible',
        ],
      })
      const lost = await file('lost.csv', [HEADER, good, 'csv_4,A,B,,,college-none,team-none'])
      expect(await admin(['import', lost])).toEqual({
        out: [],
        errors: ['nothing was imported: there is no college-none, team-none; make it first'],
      })
      expect(await house.storage.directory.person('csv_3')).toBe(undefined)
    })
  })

  describe('the queue', () => {
    it('is listed, worked, and listed again', async () => {
      const token = await nemesis.token(LEADER)
      const [one, two] = [
        await register(house, nemesis, token),
        await register(house, nemesis, token, {
          first_name: 'B\u202eob',
          email: 'bob@example.org',
          team: 'team-?',
        }),
      ]
      const { out } = await admin(['queue'])
      expect(out).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${one} waiting: Ada Lovelace <ada@example.org>, team-ABC, college-1, by teacher_coll1 on 20`,
          ),
        ) as string,
        expect.stringContaining(`${two} waiting: Bob Lovelace <bob@example.org>, team-? (unknown)`) as string,
      ])
      expect((await admin(['queue', '--college', 'college-2'])).out).toEqual(['there are none'])
      expect((await admin(['approve', '999999'])).errors).toEqual(['there is no such registration'])
      expect((await admin(['approve', String(two)])).errors).toEqual([
        'there is no such team; name one that there is',
      ])
      expect((await admin(['approve', String(two), '--team', 'team-ABC'])).out[0]).toContain(
        `${two} approved as 1_bl1: Bob`,
      )
      expect((await admin(['reject', String(one), '--reason', 'twice'])).out[0]).toContain(`${one} rejected`)
      expect((await admin(['queue'])).out).toEqual(['there are none'])
      expect((await admin(['queue', '--all'])).out).toHaveLength(2)
      expect(await invited()).toContain('1_bl1')
    })
  })
})
