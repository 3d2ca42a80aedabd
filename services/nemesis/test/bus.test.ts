import { createAsk } from '@switchboard/hub/ask'
import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { decodeRegistered, LEADS_COLLEGE, registrationsTopic } from '@switchboard/protocol/between'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, openHouse, type Process } from './support/house.ts'

onEachDirectory((directory) => {
  let house: House
  let nemesis: Process
  let other: MemoryBroker
  beforeAll(async () => {
    house = await openHouse({ directory })
    nemesis = await house.process()
    await house.process()
    other = new MemoryBroker(house.bus)
  })
  afterAll(async () => {
    await other?.close()
    await house?.[Symbol.asyncDispose]()
  })

  const ADA = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team: 'team-ABC' }

  async function leads(token: unknown, college: unknown): Promise<boolean> {
    const ask = createAsk(other)
    const answer = await ask.ask(LEADS_COLLEGE.topic, JSON.stringify({ token, college }))
    ask.close()
    const decoded = LEADS_COLLEGE.decodeAnswer(answer)
    if (!decoded.ok) throw new Error(decoded.error)
    return decoded.value.leads
  }

  describe('who asks over the bus whether a token is of somebody who sees a college', () => {
    it('hears yes for a leader of that college, and no for everybody and everything else', async () => {
      const token = await nemesis.token()
      expect(await leads(token, 'college-1')).toBe(true)
      expect(await leads(token, 'college-2')).toBe(false)
      expect(await leads(token, '')).toBe(false)
      expect(await leads('', 'college-1')).toBe(false)
      expect(await leads('no token', 'college-1')).toBe(false)
      expect(await leads(`${token}x`, 'college-1')).toBe(false)
    })

    it('hears yes for an administrator who is in some college', async () => {
      const admin = await house.add({ userid: 'root', roles: ['administrator'], colleges: ['college-9'] })
      expect(await leads(await nemesis.token(admin), 'college-1')).toBe(true)
    })

    it('hears no for a token that was taken back, and for someone who leads no more', async () => {
      const gone = await house.add({ userid: 'gone', roles: ['team-leader'], colleges: ['college-1'] })
      const token = await nemesis.token(gone)
      expect(await leads(token, 'college-1')).toBe(true)
      await nemesis.post('/deauth', {}, token)
      expect(await leads(token, 'college-1')).toBe(false)
      const again = await nemesis.token(gone)
      await house.strip('gone')
      expect(await leads(again, 'college-1')).toBe(false)
    })

    it('hears nothing for what is no question', async () => {
      const ask = createAsk(other, { timeoutMs: 200 })
      for (const question of ['', '{', '{}', '{"token":1,"college":"college-1"}'])
        await expect(ask.ask(LEADS_COLLEGE.topic, question)).rejects.toThrow('nobody answered')
      ask.close()
    })
  })

  describe('a registration', () => {
    it('is told on its college’s topic once it is stored, without name and address; one that is refused is not', async () => {
      const heard: string[] = []
      await other.subscribe(registrationsTopic('college-1'), ({ payload }) => heard.push(payload.toString()))
      const token = await nemesis.token()
      expect((await nemesis.post('/user/register', { ...ADA, email: 'no' }, token)).status).toBe(400)
      expect((await nemesis.post('/user/register', ADA, token)).status).toBe(200)
      expect((await nemesis.post('/userman/user/register', { ...ADA, team: ' ☃ ' }, token)).status).toBe(200)
      await expect.poll(() => heard).toHaveLength(2)
      const told = heard.map(decodeRegistered)
      expect(told).toMatchObject([
        { ok: true, value: { team: 'team-ABC' } },
        { ok: true, value: { team: '☃' } },
      ])
      expect(heard.join()).not.toMatch(/Ada|Lovelace|example/)
      expect(new Set(heard).size).toBe(2)
    })
  })
})
