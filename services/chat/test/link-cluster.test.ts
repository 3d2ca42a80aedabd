import { type Bus, openBus } from '@switchboard/hub/bus'
import { redisConnector } from '@switchboard/kit/redis'
import { channelTopic } from '@switchboard/protocol/between'
import { type Line, lineTo } from '@switchboard/testing/line'
import { redisCommand } from '@switchboard/testing/redis-command'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, canCluster, startCluster } from './support/cluster.ts'
import { post } from './support/http.ts'
import { type Outside, openOutside } from './support/outside.ts'
import { join, type Member, type Message, type Person, signUp } from './support/people.ts'

/** Milliseconds in which a process that died is known to be dead, and its links are taken over. */
const TAKEN_OVER_MS = 15_000
/** Most messages that a channel gets twice then: those that were on their way. */
const TWICE_MAX = 100

/** The texts of the next frame, also where it takes as long as a take-over. */
async function patiently({ client }: Member): Promise<string[]> {
  const frame = JSON.parse(await client.next(TAKEN_OVER_MS + 5000)) as Message[]
  return frame.map(({ text }) => text)
}

const numbered = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name} ${i}`)

describe.skipIf(!canCluster)('links of three processes on Redis and PostgreSQL', () => {
  let cluster: Cluster
  /** The test's own way to Redis. */
  let line: Line
  let bus: Bus
  let outside: Outside
  let alice: Person
  beforeAll(async () => {
    cluster = await startCluster(3)
    line = await lineTo(cluster.redis.port)
    bus = await openBus(redisConnector(`redis://127.0.0.1:${line.port}`))
    outside = await openOutside(bus.broker)
    alice = await signUp(cluster.processes[0]?.url ?? '', 'alice')
  })
  afterAll(async () => {
    await bus?.[Symbol.asyncDispose]()
    await line?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  const processAt = (index: number) => {
    const process = cluster.processes[index]
    if (!process) throw new Error('no such process')
    return process
  }

  /** How many are subscribed to the channel: processes of the service, and the test where it listens. */
  async function listeners(name: string): Promise<number> {
    const answer = await redisCommand(cluster.redis.port, `PUBSUB NUMSUB sb0:${channelTopic(name)}`)
    return Number(/:(\d+)\r\n$/.exec(answer)?.[1])
  }

  /**
   * Over this process, which then is the one that works on it. Resolves once the others hear the channel, too: what is
   * said before that is lost with the one.
   */
  async function link(url: string, room: string, name: string, { listening = 0 } = {}): Promise<void> {
    const headers = { authorization: `Bearer ${alice.token}` }
    const answer = await post(`${url}/api/v1/rooms/${room}/links`, { kind: 'channel', name }, headers)
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.error)}`)
    await expect.poll(() => listeners(name)).toBe(cluster.processes.length + listening)
  }

  const readiness = async ({ url }: { url: string }) => (await fetch(`${url}/readyz`)).status

  const enter = (room: string) => join(processAt(0).wsUrl, room, { token: alice.token })

  it('bring a message through rooms and channels, whatever process made them', async () => {
    await using one = await enter('far-1')
    await using two = await enter('far-2')
    const heard = await outside.listen('far-b')
    await link(processAt(0).url, 'far-1', 'far-a')
    await link(processAt(1).url, 'far-2', 'far-a')
    await link(processAt(2).url, 'far-2', 'far-b', { listening: 1 })
    one.say('hello')
    expect(await one.hearTexts(1)).toEqual(['hello'])
    expect(await two.hear(1)).toMatchObject([
      { text: 'hello', sender: { id: 0, username: 'alice@chat', via: 'channels' } },
    ])
    await expect.poll(() => heard).toEqual([{ dest: '#far-b', user: 'alice@chat', message: 'hello' }])
    outside.say('far-a', 'bob', 'hi')
    expect(await one.hearTexts(1)).toEqual(['hi'])
    expect(await two.hearTexts(1)).toEqual(['hi'])
    await expect.poll(() => heard.at(-1)).toEqual({ dest: '#far-b', user: 'bob@channels', message: 'hi' })
  })

  it('lose nothing when Redis goes and comes back, and double nothing in rooms', async () => {
    await using member = await enter('redis-gone')
    const heard = await outside.listen('redis-gone')
    await link(processAt(0).url, 'redis-gone', 'redis-gone', { listening: 1 })
    const texts = numbered(500, 'while it goes')
    member.say(...texts)
    await member.hear(20)
    await cluster.redis.kill()
    line.cut()
    await member.hear(480)
    await cluster.redis.start()
    // Who listens is back later than the one that brings it there.
    await expect.poll(() => readiness(processAt(0))).toBe(200)
    line.mend()
    const others = numbered(10, 'after')
    member.say(...others)
    await member.hear(10)
    const all = [...texts, ...others]
    const brought = () => new Set(heard.map(({ message }) => message))
    await expect.poll(() => brought().size, { timeout: 20_000 }).toBe(all.length)
    expect(heard.length - all.length).toBeLessThanOrEqual(TWICE_MAX)
    await expect
      .poll(
        async () => {
          outside.say('redis-gone', 'bob', 'back')
          return member.left().length
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBeGreaterThan(0)
    await expect.poll(() => Promise.all(cluster.processes.map(readiness))).toEqual([200, 200, 200])
  }, 90_000)

  it('are taken over within 15 s when the process that works on them is killed in the middle', async () => {
    await using member = await enter('killed')
    const heard = await outside.listen('killed')
    await link(processAt(2).url, 'killed', 'killed', { listening: 1 })
    const texts = numbered(2000, 'channel')
    const said = numbered(500, 'room')
    outside.say('killed', 'bob', ...texts)
    member.say(...said)
    const before = await member.hearTexts(600)
    await processAt(2).stop('SIGKILL')
    const killedAt = performance.now()
    outside.say('killed', 'bob', 'said when nobody worked on it')
    const all = [...before, ...member.left().map(({ text }) => text)]
    while (all.length < 2501) all.push(...(await patiently(member)))
    expect(performance.now() - killedAt).toBeLessThan(TAKEN_OVER_MS + 5000)
    expect(all.filter((text) => text.startsWith('channel'))).toEqual(texts)
    expect(all.filter((text) => text.startsWith('room'))).toEqual(said)
    expect(all).toContain('said when nobody worked on it')
    const brought = () => heard.filter(({ user }) => user === 'alice@chat').map(({ message }) => message)
    await expect.poll(() => new Set(brought()).size, { timeout: 20_000 }).toBe(said.length)
    expect([...new Set(brought())]).toEqual(said)
    expect(brought().length - said.length).toBeLessThanOrEqual(TWICE_MAX)
    outside.say('killed', 'bob', 'the last one')
    expect(await member.hearTexts(1)).toEqual(['the last one'])
    expect(await member.rest()).toEqual([])
  }, 90_000)
})
