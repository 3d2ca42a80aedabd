import { setTimeout as wait } from 'node:timers/promises'
import type { Running } from '@switchboard/testing/process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, canCluster, startCluster } from './support/cluster.ts'
import { gather } from './support/gathering.ts'
import { join, membersOf, type Person, signUp } from './support/people.ts'
import { chatter } from './support/wanderer.ts'
import { askPresence, heardOf, watchPresence } from './support/whereabouts.ts'

/** What is taken away, how, for so long. */
const OUTAGE_MS = 5000

describe.skipIf(!canCluster)('two processes', { timeout: 90_000 }, () => {
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

  /**
   * People talk while something is away; one leaves meanwhile, one is refused. In the end everyone has heard everything
   * and nobody is there who is not. Answers what each heard meanwhile, and which connections ended.
   */
  async function outage(room: string, begin: () => Promise<void> | void, end: () => Promise<void> | void) {
    const [lister, leaver, watched, late] = people.slice(4) as [Person, Person, Person, Person]
    await using gathering = await gather(cluster, [one.wsUrl, two.wsUrl], room, people.slice(0, 4))
    await using leaving = await join(one.wsUrl, room, leaver)
    await using _stays = await join(one.wsUrl, room, watched)
    await using watching = await watchPresence(two.wsUrl, lister.token, [leaver.username, watched.username])
    await heardOf(watching, leaver.username, (places) => places.includes(room))
    const hush = chatter(gathering.wanderers, 20)
    await begin()
    leaving.client.ws.close()
    await leaving.closed
    await expect(join(one.wsUrl, room, late)).rejects.toMatchObject({ status: 503 })
    const heardBefore = gathering.wanderers.map(({ heard }) => heard.length)
    await wait(OUTAGE_MS)
    const heardMeanwhile = gathering.wanderers.map(({ heard }, who) => heard.length - (heardBefore[who] ?? 0))
    await end()
    await hush()
    await gathering.hasHeardAll(20_000)
    const present = ['p0', 'p1', 'p2', 'p3', watched.username]
    for (const { url } of [one, two])
      await expect.poll(() => membersOf(url, room), { timeout: 20_000 }).toEqual(present)
    await heardOf(watching, leaver.username, (places) => places.length === 0)
    const { data } = await askPresence(two.url, ['p0', watched.username], lister.token)
    for (const whereabouts of Object.values(data.users)) expect(whereabouts).toMatchObject([{ place: room }])
    const closes = gathering.wanderers.flatMap((wanderer) => wanderer.closes)
    return { heardMeanwhile, closes, wanderers: gathering.wanderers }
  }

  it('go on through the store while Redis is stopped, in one order, and have no ghosts after', async () => {
    const { redis } = cluster
    const { heardMeanwhile, closes } = await outage(
      'stopped',
      () => redis.kill(),
      () => redis.start(),
    )
    for (const heard of heardMeanwhile) expect(heard).toBeGreaterThan(300)
    expect(closes).toEqual([])
  })

  it('go on through the store while Redis hangs', async () => {
    const { redis } = cluster
    const { heardMeanwhile, closes } = await outage(
      'hanging',
      () => redis.pause(),
      () => redis.resume(),
    )
    for (const heard of heardMeanwhile) expect(heard).toBeGreaterThan(100)
    expect(closes).toEqual([])
  })

  it('keep what is said while PostgreSQL is stopped, and deliver it once', async () => {
    const { postgres } = cluster
    const { closes, wanderers } = await outage(
      'unstored',
      () => postgres.stop(),
      () => postgres.start(),
    )
    // Nobody waits for longer than 10 s; a machine that starts PostgreSQL slowly closes them, and they come back.
    for (const close of closes) expect(close).toEqual({ code: 1013, reason: 'NOT_STORED' })
    for (const { said, texts } of wanderers) expect(texts.length).toBeGreaterThan(said.length)
  })
})
