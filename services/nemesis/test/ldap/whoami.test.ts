import { type LiveSlapd, liveSlapd } from '@switchboard/testing/slapd'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, LEADER, openHouse, type Process } from '../support/house.ts'
import { DEMO_LDIF, hasSlapd, ldapEnv } from '../support/slapd.ts'
import { dnOf } from './support.ts'

describe.skipIf(!hasSlapd)('a password that is changed over HTTP', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  describe.each([
    ['hashes passwords', true],
    ['leaves them to be hashed', false],
  ] as const)('in a server that %s', (_what, passwordModify) => {
    let slapd: LiveSlapd
    let nemesis: Process
    beforeAll(async () => {
      slapd = await liveSlapd({ ldif: DEMO_LDIF, passwordModify })
      nemesis = await house.process(ldapEnv(slapd))
    })
    afterAll(async () => {
      await nemesis[Symbol.asyncDispose]()
      await slapd[Symbol.asyncDispose]()
    })

    it('is the one that ldapwhoami takes', async () => {
      const student = dnOf('student_coll1_1')
      expect(await slapd.whoami(student, 'cows')).toBe(`dn:${student}`)
      const token = await nemesis.token()
      expect((await nemesis.post('/user/student_coll1_1', { password: 'new; “word”' }, token)).status).toBe(
        200,
      )
      expect(await slapd.whoami(student, 'new; “word”')).toBe(`dn:${student}`)
      expect(await slapd.whoami(student, 'cows')).toBe(undefined)
    })

    it('revokes every token of the leader who changed the own one', async () => {
      const [first, second] = [await nemesis.token(), await nemesis.token()]
      expect((await nemesis.post(`/user/${LEADER.username}`, { password: 'other' }, first)).status).toBe(200)
      for (const token of [first, second]) expect((await nemesis.get('/college', token)).status).toBe(403)
      expect(await slapd.whoami(dnOf(LEADER.username), 'other')).toBe(`dn:${dnOf(LEADER.username)}`)
      const renewed = await nemesis.token({ ...LEADER, password: 'other' })
      expect((await nemesis.get('/college', renewed)).status).toBe(200)
    })
  })
})
