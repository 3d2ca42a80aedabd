import { hash as argon2 } from '@node-rs/argon2'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import type { Database } from '@switchboard/kit/database'
import { nameKey } from '@switchboard/protocol/names'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Accounts, createAccounts } from '../../src/accounts.ts'
import { createPasswords } from '../../src/passwords.ts'
import { expectOk, expectRefused } from './result.ts'

/** What accounts promise on any database; `open` answers one that has the tables and nobody in it. */
export function accountsBehaviour(open: () => Promise<Database>): void {
  let database: Database
  let accounts: Accounts
  let broker: MemoryBroker
  beforeAll(async () => {
    database = await open()
    broker = new MemoryBroker(new MemoryBus())
    accounts = createAccounts({ database, broker })
  })
  afterAll(async () => {
    await accounts.close()
    await broker.close()
    await database[Symbol.asyncDispose]()
  })

  const signUp = async (username: string, email?: string) =>
    expectOk(await accounts.create({ username, password: 'secret', email }))

  describe('signing up', () => {
    test('an account has a positive id, its name and address as they were written, and no hash', async () => {
      const before = Date.now()
      const account = await signUp('Zoë', 'Zoe@Example.org')
      expect(account).toEqual({
        id: expect.any(Number),
        username: 'Zoë',
        key: 'zoë',
        email: 'Zoe@Example.org',
        createdAt: expect.any(Number),
        generation: 0,
      })
      expect(account.id).toBeGreaterThan(0)
      expect(account.createdAt).toBeGreaterThanOrEqual(before - 1000)
    })

    test('an account needs no address, and any number have none', async () => {
      expect(await signUp('no address')).not.toHaveProperty('email')
      expect(await signUp('no address either')).not.toHaveProperty('email')
    })

    test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
      '%s is an ordinary name',
      async (name) => {
        const account = await signUp(name)
        expect((await accounts.byName(name))?.id).toBe(account.id)
        expect((await accounts.byNames([name])).get(nameKey(name))?.username).toBe(name)
      },
    )

    test.each([
      ['BAD_USERNAME', { username: '' }],
      ['BAD_USERNAME', { username: ' alice' }],
      ['BAD_USERNAME', { username: 'a@b' }],
      ['BAD_USERNAME', { username: 'nul\0' }],
      ['BAD_USERNAME', { username: 'half \ud800' }],
      ['BAD_USERNAME', { username: 'right\u202eleft' }],
      ['BAD_USERNAME', { username: 'x'.repeat(65) }],
      ['BAD_PASSWORD', { password: '' }],
      ['BAD_PASSWORD', { password: 'é'.repeat(513) }],
      ['BAD_EMAIL', { email: 'nobody' }],
      ['BAD_EMAIL', { email: 'a@b.c\r\nBcc: all@example.org' }],
      ['BAD_EMAIL', { email: '\ud800@example.org' }],
    ])('%s for %j, with a reason that does not repeat it', async (code, wrong) => {
      const result = await accounts.create({ username: 'impossible', password: 'secret', ...wrong })
      expect(expectRefused(result)).toBe(code)
      for (const given of Object.values(wrong).filter((value) => value.trim().length > 1)) {
        expect(JSON.stringify(result)).not.toContain(given)
      }
      expect(await accounts.byName('impossible')).toBeUndefined()
    })

    test('the longest names there are can be kept', async () => {
      // U+FDFA becomes 18 characters under NFKC; no other grows as much.
      const account = await signUp('\ufdfa'.repeat(64))
      expect((await accounts.byName(account.username))?.id).toBe(account.id)
      await signUp('💬'.repeat(64))
    })

    test('a password may hold anything: NUL, half a surrogate pair, 1,024 bytes', async () => {
      for (const [index, password] of ['\0', '\ud800', 'x'.repeat(1024)].entries()) {
        expectOk(await accounts.create({ username: `any password ${index}`, password }))
        expect((await accounts.verify(`any password ${index}`, password)).ok).toBe(true)
      }
    })

    test('a name is taken in any case and any width, an address in any case', async () => {
      await signUp('alice', 'alice@example.org')
      for (const username of ['alice', 'ALICE', 'Ａｌｉｃｅ']) {
        expect(expectRefused(await accounts.create({ username, password: 'other' }))).toBe('USER_EXISTS')
      }
      const again = { username: 'alice2', password: 'other', email: 'Alice@EXAMPLE.org' }
      expect(expectRefused(await accounts.create(again))).toBe('EMAIL_EXISTS')
      expect(await accounts.byName('alice2')).toBeUndefined()
      const both = { username: 'alice', password: 'other', email: 'alice@example.org' }
      expect(expectRefused(await accounts.create(both))).toBe('USER_EXISTS')
    })

    test('of twenty at once with one name, one gets it and nineteen are told that it is taken', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          accounts.create({ username: index % 2 ? 'crowd' : 'CROWD', password: `${index}` }),
        ),
      )
      expect(results.filter((result) => result.ok)).toHaveLength(1)
      const refused = results.filter((result) => !result.ok)
      expect(refused.map(expectRefused)).toEqual(Array(19).fill('USER_EXISTS'))
    })

    test('of ten at once with one address, one gets it and nine are told that it is taken', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          accounts.create({ username: `shared ${index}`, password: 'x', email: 'shared@example.org' }),
        ),
      )
      const refused = results.filter((result) => !result.ok)
      expect(refused.map(expectRefused)).toEqual(Array(9).fill('EMAIL_EXISTS'))
    })
  })

  describe('signing up with something alongside', () => {
    const note = (text: string) => (id: number) => [
      {
        text: 'INSERT INTO note (account, text, tags) VALUES ($1::int, $2, $3::text[])',
        parameters: [id, text, ['a', 'b, c']],
      },
    ]
    const notes = () =>
      database.transaction((session) =>
        session.query('SELECT account, text, tags FROM note ORDER BY account'),
      )
    beforeAll(() =>
      database.transaction((session) =>
        session.script('CREATE TABLE note (account int PRIMARY KEY, text text UNIQUE, tags text[])'),
      ),
    )

    test('writes both, with the id that the account gets', async () => {
      const made = await accounts.create({ username: 'Olga', password: 'secret' }, note('first'))
      expect(await notes()).toEqual([{ account: expectOk(made).id, text: 'first', tags: ['a', 'b, c'] }])
    })

    test('writes neither where the other cannot be written', async () => {
      const again = accounts.create({ username: 'Peggy', password: 'secret' }, note('first'))
      await expect(again).rejects.toThrow()
      expect(await accounts.byName('Peggy')).toBeUndefined()
    })

    test('writes neither where name or address are taken, also by one who came at the same time', async () => {
      const before = await notes()
      await signUp('Quentin', 'quentin@example.org')
      const taken = { username: 'quentin', password: 'x' }
      expect(expectRefused(await accounts.create(taken, note('second')))).toBe('USER_EXISTS')
      const both = await Promise.all(
        ['one', 'two'].map((text) =>
          accounts.create({ username: `rita ${text}`, password: 'x', email: 'rita@example.org' }, note(text)),
        ),
      )
      expect(both.filter((result) => !result.ok).map(expectRefused)).toEqual(['EMAIL_EXISTS'])
      expect(await notes()).toHaveLength(before.length + 1)
    })
  })

  describe('finding people', () => {
    test('by id, name and address, each in any case', async () => {
      const { id } = await signUp('Bob', 'bob@example.org')
      expect((await accounts.byId(id))?.username).toBe('Bob')
      expect((await accounts.byName('bOB'))?.id).toBe(id)
      expect((await accounts.byEmail('BOB@example.org'))?.id).toBe(id)
    })

    test('many at once, those that there are', async () => {
      const carol = await signUp('Carol')
      const dave = await signUp('Dave')
      const byId = await accounts.byIds([carol.id, dave.id, carol.id, 999_999])
      expect([...byId.keys()].sort((a, b) => a - b)).toEqual([carol.id, dave.id])
      const byName = await accounts.byNames(['CAROL', 'dave', 'nobody at all', '\0', '\ud800'])
      expect([...byName.keys()].sort()).toEqual(['carol', 'dave'])
      expect((await accounts.byIds([])).size).toBe(0)
      expect((await accounts.byNames([])).size).toBe(0)
    })

    test('by how their names begin, in any case, and no character stands for others', async () => {
      for (const name of ['Pre_fix1', 'pre_fix2', 'prefix3', 'a pre_fix']) await signUp(name)
      expect((await accounts.namesFrom('PRE_')).sort()).toEqual(['Pre_fix1', 'pre_fix2'])
      for (const none of ['pre%', '\\', 'pre_\0']) expect(await accounts.namesFrom(none)).toEqual([])
    })

    test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53])(
      '%s is the id of nobody',
      async (id) => {
        expect(await accounts.byId(id)).toBeUndefined()
        expect((await accounts.byIds([id])).size).toBe(0)
        expect(expectRefused(await accounts.setPassword(id, 'x'))).toBe('USER_NOT_FOUND')
        expect(expectRefused(await accounts.setEmail(id, undefined))).toBe('USER_NOT_FOUND')
      },
    )

    test.each(['', '\0', '\ud800', "' OR 1=1 --", 'x'.repeat(100_000), '%'])(
      'a name or an address that nobody has finds nobody (%#)',
      async (text) => {
        expect(await accounts.byName(text)).toBeUndefined()
        expect(await accounts.byEmail(text)).toBeUndefined()
        expect(expectRefused(await accounts.verify(text, 'secret'))).toBe('USER_NOT_FOUND')
      },
    )
  })

  describe('passwords', () => {
    test('the right one answers the account, by any spelling of the name', async () => {
      const { id } = await signUp('Erin')
      expect(expectOk(await accounts.verify('ERIN', 'secret')).id).toBe(id)
      expect(expectRefused(await accounts.verify('Erin', 'Secret'))).toBe('WRONG_PASSWORD')
      expect(expectRefused(await accounts.verify('Erin', ''))).toBe('WRONG_PASSWORD')
      expect(expectRefused(await accounts.verify('nobody', 'secret'))).toBe('USER_NOT_FOUND')
    })

    test('an unknown name costs the same one hash as a wrong password', async () => {
      await signUp('Frank')
      let hashes = 0
      const real = createPasswords()
      const counting = createAccounts({
        database,
        broker,
        passwords: {
          ...real,
          verify: (password, hash) => {
            hashes++
            return real.verify(password, hash)
          },
        },
      })
      await counting.verify('Frank', 'wrong')
      await counting.verify('nobody', 'wrong')
      expect(hashes).toBe(2)
      await counting.close()
    })

    test('a new one replaces the old one and starts a new generation of tokens', async () => {
      const { id, generation } = await signUp('Grace')
      const changed = expectOk(await accounts.setPassword(id, 'new'))
      expect(changed.generation).toBe(generation + 1)
      expect(expectRefused(await accounts.verify('Grace', 'secret'))).toBe('WRONG_PASSWORD')
      expect(expectOk(await accounts.verify('Grace', 'new')).generation).toBe(generation + 1)
    })

    test('a new generation of tokens is to be had without a new one', async () => {
      const { id } = await signUp('Sybil')
      await accounts.revokeAll(id)
      await accounts.revokeAll(0)
      expect(expectOk(await accounts.verify('Sybil', 'secret')).generation).toBe(1)
    })

    test('two changes at once are two generations', async () => {
      const { id } = await signUp('Heidi')
      await Promise.all([accounts.setPassword(id, 'one'), accounts.setPassword(id, 'two')])
      expect((await accounts.byId(id))?.generation).toBe(2)
    })

    test('an impossible one changes nothing', async () => {
      const { id } = await signUp('Ivan')
      expect(expectRefused(await accounts.setPassword(id, ''))).toBe('BAD_PASSWORD')
      expect((await accounts.verify('Ivan', 'secret')).ok).toBe(true)
    })

    test('one that was hashed with other parameters is hashed anew when it is right', async () => {
      const { id } = await signUp('Judy')
      const setHash = (hash: string) =>
        database.transaction((session) =>
          session.query('UPDATE accounts.account SET password_hash = $1 WHERE id = $2', [hash, id]),
        )
      const hash = async () =>
        database.transaction(async (session) => {
          const [row] = await session.query('SELECT password_hash FROM accounts.account WHERE id = $1', [id])
          return String(row?.['password_hash'])
        })
      const weak = await argon2('secret', { memoryCost: 8, timeCost: 1 })
      await setHash(weak)
      await accounts.verify('Judy', 'wrong')
      expect(await hash()).toBe(weak)
      expect((await accounts.verify('Judy', 'secret')).ok).toBe(true)
      expect(await hash()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect((await accounts.verify('Judy', 'secret')).ok).toBe(true)
    })
  })

  describe('addresses', () => {
    test('are set, changed, taken away and unique', async () => {
      const ken = await signUp('Ken', 'ken@example.org')
      const lea = await signUp('Lea')
      expect(expectRefused(await accounts.setEmail(lea.id, 'KEN@example.org'))).toBe('EMAIL_EXISTS')
      expect(expectRefused(await accounts.setEmail(lea.id, 'lea'))).toBe('BAD_EMAIL')
      expect(expectOk(await accounts.setEmail(ken.id, 'Ken@Example.org')).email).toBe('Ken@Example.org')
      expect(expectOk(await accounts.setEmail(ken.id, undefined))).not.toHaveProperty('email')
      expect(expectOk(await accounts.setEmail(lea.id, 'ken@example.org')).email).toBe('ken@example.org')
      expect(expectRefused(await accounts.setEmail(999_999, 'free@example.org'))).toBe('USER_NOT_FOUND')
    })
  })
}
