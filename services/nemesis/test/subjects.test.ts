import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../src/store/client.ts'
import { type Subjects, subjectRevocations, subjects as subjectsOf } from '../src/store/subjects.ts'
import { type House, openHouse } from './support/house.ts'

let house: House
let subjects: Subjects
let db: ReturnType<typeof openStore>
beforeAll(async () => {
  house = await openHouse()
  db = openStore(house.database.adapter('nemesis'))
  subjects = subjectsOf(db)
})
afterAll(async () => {
  await db.$disconnect()
  await house[Symbol.asyncDispose]()
})

describe('a subject', () => {
  it('is the same at every log-in, in any case, and named as the directory writes it', async () => {
    const first = await subjects.of('Ada')
    expect(first).toEqual({ id: expect.any(Number) as number, username: 'Ada', generation: 0 })
    expect(await subjects.of('ADA')).toEqual({ ...first, username: 'ADA' })
    expect((await subjects.of('Adam')).id).not.toBe(first.id)
  })

  it('is one when twenty log in for the first time at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => subjects.of('crowd')))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  })

  it('takes no number while it is looked up', async () => {
    const { id } = await subjects.of('frequent')
    for (let times = 0; times < 5; times++) await subjects.of('frequent')
    expect((await subjects.of('next')).id).toBe(id + 1)
  })

  it.each(['__proto__', "'; DROP TABLE nemesis.subject; --", 'Ζωή', '*'])(
    'may be called %s',
    async (userid) => {
      expect(await subjects.of(userid)).toMatchObject({ username: userid, generation: 0 })
    },
  )
})

describe('the tokens of a subject', () => {
  const revocations = () => subjectRevocations(house.database)
  const token = async (userid: string) => {
    const { id, generation } = await subjects.of(userid)
    return { accountId: id, generation, jti: randomUUID(), expiresAt: Date.now() + 60_000 }
  }

  it('are good until they are taken back, each by itself', async () => {
    const [one, other] = [await token('taker'), await token('taker')]
    expect(await revocations().revoke(one)).toBe(true)
    expect(await revocations().revoke(one)).toBe(false)
    expect(await revocations().isGood(one)).toBe(false)
    expect(await revocations().isGood(other)).toBe(true)
  })

  it('are all good no more once the generation is bumped; those after it are', async () => {
    const old = await token('changer')
    await subjects.bump('CHANGER')
    expect(await revocations().isGood(old)).toBe(false)
    expect(await revocations().revoke(old)).toBe(false)
    expect(await revocations().isGood(await token('changer'))).toBe(true)
  })

  it('are all good no more once the subject is forgotten, also when somebody of that name comes', async () => {
    const old = await token('leaver')
    await subjects.forget('LEAVER')
    expect(await revocations().isGood(old)).toBe(false)
    const heir = await token('leaver')
    expect(await revocations().isGood(heir)).toBe(true)
    expect(await revocations().isGood(old)).toBe(false)
  })

  it('are nothing to somebody without any', async () => {
    await subjects.bump('nobody')
    await subjects.forget('nobody')
    expect(await subjects.of('nobody')).toMatchObject({ generation: 0 })
  })

  it('have nothing to do with accounts of the same number', async () => {
    const { id } = await subjects.of('numbered')
    await house.rows(`SELECT setval('accounts.account_id_seq', ${id}, false)`)
    await house.add({ userid: 'somebody else' })
    const account = await house.accounts.byName('somebody else')
    expect(account?.id).toBe(id)
    const theirs = { accountId: id, generation: 0, jti: randomUUID(), expiresAt: Date.now() + 60_000 }
    await subjects.bump('numbered')
    expect(await revocations().isGood(theirs)).toBe(false)
    expect(await house.accounts.revocations.isGood(theirs)).toBe(true)
    expect(await house.accounts.revocations.revoke(theirs)).toBe(true)
    expect(await revocations().isGood({ ...theirs, generation: 1 })).toBe(true)
  })
})
