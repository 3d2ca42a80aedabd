import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenTo } from './support/bus.ts'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, LEADER, openHouse, type Process, SECRET } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let one: Process
  let other: Process
  beforeAll(async () => {
    house = await openHouse({ directory })
    ;[one, other] = await Promise.all([house.process(), house.process()])
  })
  afterAll(() => house[Symbol.asyncDispose]())

  describe('two processes on one database and one bus', () => {
    it.runIf(directory === 'database')('that start at once put the demo people in once', async () => {
      expect(await house.rows('SELECT count(*)::int AS people FROM nemesis.person')).toEqual([{ people: 6 }])
      expect(await house.rows('SELECT count(*)::int AS members FROM nemesis.college_member')).toEqual([
        { members: 6 },
      ])
    })

    it('take each other’s tokens', async () => {
      expect((await other.get('/college', await one.token())).status).toBe(200)
    })

    it('refuse a token at once that either took back', async () => {
      const token = await one.token()
      await one.post('/deauth', { token })
      expect(await other.get('/college', token)).toMatchObject({ status: 403, body: {} })
    })

    it('refuse every token at once of a person whose password either changed', async () => {
      const mate = await house.add({ userid: 'mate', roles: ['team-leader'], colleges: ['college-1'] })
      const tokens = await Promise.all([one.token(mate), other.token(mate)])
      await one.post('/user/mate', { password: 'changed' }, await one.token())
      for (const token of tokens)
        for (const process of [one, other]) expect((await process.get('/college', token)).status).toBe(403)
      expect((await other.get('/college', await other.token({ ...mate, password: 'changed' }))).status).toBe(
        200,
      )
    })

    it('count failed log-ins together', async () => {
      const mate = await house.add({ userid: 'guessed', roles: ['team-leader'], colleges: ['college-1'] })
      for (let i = 0; i < 5; i++) {
        expect((await one.post('/auth', { ...mate, password: 'wrong' })).status).toBe(403)
        expect((await other.post('/auth', { ...mate, password: 'wrong' })).status).toBe(403)
      }
      expect((await one.post('/auth', mate)).status).toBe(429)
      expect((await other.post('/auth', mate)).status).toBe(429)
    })

    it(`tell ${directory === 'ldap' ? 'nobody else' : 'ide and chat'} of tokens that are good no more`, async () => {
      const mate = await house.add({ userid: 'heard', roles: ['team-leader'], colleges: ['college-1'] })
      const [token, leader] = [await one.token(mate), await one.token()]
      await using bus = listenTo(house.bus, ['auth:revoked', 'fence'])
      await one.post('/deauth', { token })
      await one.post('/user/heard', { password: 'changed' }, leader)
      bus.publish('fence')
      await expect.poll(() => bus.heard).toContainEqual({ topic: 'fence' })
      const subject = await house.storage.directory.subject('heard')
      expect(bus.heard).toEqual([
        // The ids of an LDAP directory's people are others' accounts.
        ...(directory === 'ldap'
          ? []
          : [
              { topic: 'auth:revoked', account: subject?.id, jti: expect.any(String) as string },
              { topic: 'auth:revoked', account: subject?.id, generation: 1 },
            ]),
        { topic: 'fence' },
      ])
    })

    it('let exactly one say that it took a token back', async () => {
      const debug = await Promise.all([1, 2].map(() => house.process({ NEMESIS_DEBUG: 'true' })))
      const token = await one.token()
      const answers = await Promise.all(debug.map((process) => process.post('/deauth', { token })))
      expect(answers.filter(({ body }) => (body as { deleted: boolean }).deleted)).toHaveLength(1)
    })
  })

  it('a secret that is rotated still verifies, one that is gone does not', async () => {
    const token = await one.token(LEADER)
    const next = 'the-next-secret-of-thirty-two-bytes-or-more'
    const rotated = await house.process({ JWT_SECRET: `${next},${SECRET}` })
    expect((await rotated.get('/college', token)).status).toBe(200)
    const foreign = await house.process({ JWT_SECRET: next })
    expect((await foreign.get('/college', token)).status).toBe(403)
  })
})
