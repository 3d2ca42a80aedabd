import { eventually } from '@switchboard/testing/eventually'
import type { Running } from '@switchboard/testing/process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, canCluster, startCluster } from './support/cluster.ts'
import { gather } from './support/gathering.ts'
import { outlive } from './support/outage.ts'
import { join, membersOf, type Person, signUp } from './support/people.ts'
import { chatter } from './support/wanderer.ts'
import { askPresence, heardOf, watchPresence } from './support/whereabouts.ts'

/** Longest that a dead process' people are still there, milliseconds. */
const LEASE_MS = 15_000

const RESTARTING = { code: 1012, reason: 'RESTARTING' }

describe.skipIf(!canCluster)('processes on Redis and PostgreSQL', { timeout: 90_000 }, () => {
  let cluster: Cluster
  let people: Person[]
  let one: Running
  let two: Running
  beforeAll(async () => {
    cluster = await startCluster(2)
    ;[one, two] = cluster.processes as [Running, Running]
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`)
    people = await Promise.all(names.map((name) => signUp(one.url, name)))
  }, 90_000)
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const personAt = (index: number): Person => {
    const person = people[index]
    if (!person) throw new Error('nobody')
    return person
  }

  it('tell who is where within a second of a connect and a close', async () => {
    await using watching = await watchPresence(two.wsUrl, personAt(6).token, ['p7', 'P7'])
    expect(await watching.nextJson()).toEqual({ users: { p7: [], P7: [] } })
    const member = await join(one.wsUrl, 'whereabouts', personAt(7))
    const joined = performance.now()
    await heardOf(watching, 'p7', (places) => places.includes('whereabouts'))
    expect(performance.now() - joined).toBeLessThan(1000)
    expect((await askPresence(two.url, ['P7'], personAt(6).token)).data.users).toEqual({
      P7: [{ service: 'chat', place: 'whereabouts', since: expect.any(Number) }],
    })
    const closed = performance.now()
    member.client.ws.close()
    await heardOf(watching, 'p7', (places) => places.length === 0)
    expect(performance.now() - closed).toBeLessThan(1000)
  })

  it('let nobody who is in miss anything', async () => {
    for (let i = 0; i < 20; i++) {
      await using guest = await join(two.wsUrl, `quick-${i}`)
      await using member = await join(one.wsUrl, `quick-${i}`, personAt(6))
      await using late = await join(two.wsUrl, `quick-${i}`)
      member.say('hello')
      expect(await Promise.all([guest.hearTexts(1), late.hearTexts(1)])).toEqual([['hello'], ['hello']])
    }
  })

  it('are one room under load: everyone hears everyone, in one order', async () => {
    await using gathering = await gather(cluster, [one.wsUrl, two.wsUrl], 'load', people.slice(0, 6))
    for (const [who, wanderer] of gathering.wanderers.entries())
      for (let i = 0; i < 150; i++) wanderer.say(`${who}.${i}`)
    await gathering.hasHeardAll(30_000)
    for (const { heard } of gathering.wanderers) expect(heard).toHaveLength(901)
  })

  it('go on through the store while Redis is stopped, in one order, and nobody is there who is not', async () => {
    const { redis } = cluster
    const { heardMeanwhile, closes } = await outlive({
      ...{ cluster, between: [one, two], room: 'stopped', people },
      begin: () => redis.kill(),
      end: () => redis.start(),
    })
    for (const heard of heardMeanwhile) expect(heard).toBeGreaterThan(300)
    expect(closes).toEqual([])
  })

  it('go on through the store while Redis hangs', async () => {
    const { redis } = cluster
    const { heardMeanwhile, closes } = await outlive({
      ...{ cluster, between: [one, two], room: 'hanging', people },
      begin: () => redis.pause(),
      end: () => redis.resume(),
    })
    for (const heard of heardMeanwhile) expect(heard).toBeGreaterThan(100)
    expect(closes).toEqual([])
  })

  it('keep what is said while PostgreSQL is stopped, and deliver it once', async () => {
    const { postgres } = cluster
    const { closes } = await outlive({
      ...{ cluster, between: [one, two], room: 'unstored', people },
      begin: () => postgres.stop(),
      end: () => postgres.start(),
    })
    // Nobody waits for longer than 10 s; a machine that starts PostgreSQL slowly closes them, and they come back.
    for (const close of closes) expect(close).toEqual({ code: 1013, reason: 'NOT_STORED' })
  })

  it('survive the death of one: nobody else is disturbed, and its people are gone within 15 s', async () => {
    const urls = [one.wsUrl, two.wsUrl]
    await using gathering = await gather(cluster, urls, 'death', people.slice(0, 4))
    await using _dies = await join(one.wsUrl, 'death', personAt(4))
    await using watching = await watchPresence(two.wsUrl, personAt(5).token, ['p4'])
    await heardOf(watching, 'p4', (places) => places.includes('death'))
    const hush = chatter(gathering.wanderers, 20)
    const talking = () => gathering.wanderers.every(({ acknowledged }) => acknowledged.length > 20)
    await eventually(talking, { what: 'everyone talks' })
    await one.stop('SIGKILL')
    const died = performance.now()
    urls.shift()
    await heardOf(watching, 'p4', (places) => places.length === 0, LEASE_MS)
    expect(performance.now() - died).toBeLessThan(LEASE_MS)
    await hush()
    await gathering.hasHeardAll(LEASE_MS)
    expect(gathering.wanderers.map(({ closes }) => closes.length)).toEqual([1, 0, 1, 0])
    expect(await membersOf(two.url, 'death')).toEqual(['p0', 'p1', 'p2', 'p3'])
  })

  it('are restarted one after the other under load, and nothing is missing and nothing doubled', async () => {
    const urls = [two.wsUrl]
    await using gathering = await gather(cluster, urls, 'rolling', people.slice(0, 6))
    const hush = chatter(gathering.wanderers, 20)
    let old = two
    for (let i = 0; i < 2; i++) {
      const young = await cluster.start()
      urls.splice(0, 1, young.wsUrl)
      expect(await old.stop('SIGTERM')).toEqual({ code: 0, signal: null })
      await eventually(() => gathering.wanderers.every(({ connected }) => connected), {
        what: 'everyone is back',
      })
      old = young
    }
    await hush()
    await gathering.hasHeardAll(LEASE_MS)
    for (const { closes } of gathering.wanderers) expect(closes).toEqual([RESTARTING, RESTARTING])
    expect(await membersOf(old.url, 'rolling')).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])
  })
})
