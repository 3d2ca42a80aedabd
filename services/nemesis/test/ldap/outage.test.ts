import { type LiveSlapd, liveSlapd } from '@switchboard/testing/slapd'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type House, LEADER, openHouse, type Process, request } from '../support/house.ts'
import { DEMO_LDIF, hasSlapd, ldapEnv } from '../support/slapd.ts'

/** Milliseconds: 5 s for an operation, and a busy machine. */
const SOON = 9_000

const away = { status: 503, body: { error: expect.stringMatching(/./) as string } }

describe.skipIf(!hasSlapd)('an LDAP server', () => {
  let slapd: LiveSlapd
  let house: House
  let nemesis: Process
  let token: string
  beforeAll(async () => {
    slapd = await liveSlapd({ ldif: DEMO_LDIF })
    house = await openHouse()
    nemesis = await house.process(ldapEnv(slapd))
    token = await nemesis.token()
  })
  afterAll(async () => {
    await house[Symbol.asyncDispose]()
    await slapd[Symbol.asyncDispose]()
  })

  const ready = () => request(`${nemesis.server.url}/readyz`)

  /** Everything that asks the directory. */
  const everything = (): Promise<Answer[]> =>
    Promise.all([
      nemesis.post('/auth', LEADER),
      nemesis.post('/auth', { ...LEADER, password: 'wrong' }),
      nemesis.post('/auth', { ...LEADER, username: 'nobody' }),
      nemesis.get('/college', token),
      nemesis.get('/user/student_coll1_1', token),
      nemesis.get('/user/nobody', token),
      nemesis.post('/user/student_coll1_1', { email: 'new@example.org' }, token),
      nemesis.post('/user/student_coll1_1', { password: 'new' }, token),
      nemesis.post('/user/register', {}, token),
    ])

  it('that is stopped makes everything that asks it 503, and is used again once it is back', async () => {
    await slapd.stop()
    for (const answer of await everything()) expect(answer).toMatchObject(away)
    expect(await ready()).toMatchObject({ status: 503, body: { missing: ['directory'] } })
    // What needs no word of it is answered as ever.
    expect(await nemesis.get('/college', 'nonsense')).toMatchObject({ status: 403, body: {} })
    expect((await nemesis.get('/site/sha')).status).toBe(200)

    await slapd.start()
    expect((await nemesis.get('/college', token)).status).toBe(200)
    expect(await nemesis.token()).toBeTypeOf('string')
    expect((await ready()).status).toBe(200)
  })

  it('that says nothing makes everything that asks it 503 in time, and is used again once it speaks', async () => {
    slapd.pause()
    const start = Date.now()
    const [answers, probe] = await Promise.all([everything(), ready()])
    const took = Date.now() - start
    slapd.resume()
    expect(probe.status).toBe(503)
    for (const answer of answers) expect(answer).toMatchObject(away)
    expect(took).toBeLessThan(SOON)

    expect((await nemesis.get('/college', token)).status).toBe(200)
    expect(await nemesis.token()).toBeTypeOf('string')
    expect((await ready()).status).toBe(200)
  })

  it('that is killed and started under load lets nothing hang, and nobody be refused', async () => {
    const asks = [
      { ask: () => nemesis.get('/college', token), good: 200 },
      { ask: () => nemesis.get('/user/student_coll1_1', token), good: 200 },
      { ask: () => nemesis.get('/user/student_coll2_1', token), good: 403 },
      { ask: () => nemesis.post('/user/student_coll1_2', { email: 's@example.org' }, token), good: 200 },
      { ask: () => nemesis.post('/auth', LEADER), good: 200 },
    ]
    const seen = new Map<number, number>()
    const wrong: number[] = []
    let loaded = true
    let longest = 0
    const worker = async (index: number) => {
      const { ask, good } = asks[index % asks.length] as (typeof asks)[number]
      while (loaded) {
        const start = Date.now()
        const { status } = await ask()
        longest = Math.max(longest, Date.now() - start)
        if (status !== good && status !== 503) wrong.push(status)
        seen.set(status, (seen.get(status) ?? 0) + 1)
      }
    }
    const workers = Array.from({ length: 20 }, (_, index) => worker(index))
    const times = async (status: number, more: number) => {
      const before = seen.get(status) ?? 0
      await expect.poll(() => seen.get(status) ?? 0).toBeGreaterThan(before + more)
    }
    for (let outage = 0; outage < 3; outage++) {
      await times(200, 100)
      await slapd.kill()
      await times(503, 100)
      await slapd.start()
    }
    await times(200, 100)
    loaded = false
    await Promise.all(workers)
    expect(wrong).toEqual([])
    expect(longest).toBeLessThan(SOON)
    for (const { ask, good } of asks) expect((await ask()).status).toBe(good)
  })
})
