import type { Broker } from '@switchboard/hub/broker'
import type { Processes } from '@switchboard/protocol/presence'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { join, type Member, type Person, signUp } from './support/people.ts'

let installation: Installation
let people: Person[]
beforeAll(async () => {
  installation = await install({ limits: 'off' })
  people = await Promise.all(['alice', 'bob', 'carol'].map((name) => signUp(installation.first.url, name)))
})
afterAll(() => installation[Symbol.asyncDispose]())

/** Numbers from 0 to 1 that look like chance and are the same in each run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A bus that loses, doubles and mixes up what it brings of rooms. */
function worsened(broker: Broker, seed: number): Broker {
  const next = chance(seed)
  const late: (() => void)[] = []
  return {
    process: broker.process,
    publish: (envelope) => broker.publish(envelope),
    isHeard: (topic) => broker.isHeard(topic),
    onChange: (listener) => broker.onChange(listener),
    flush: () => broker.flush(),
    ping: () => broker.ping(),
    close: () => broker.close(),
    subscribe: (topic, listener) =>
      topic.startsWith('chat:room:')
        ? broker.subscribe(topic, (envelope) => {
            const bring = () => listener(envelope)
            const luck = next()
            if (luck < 0.2) return
            if (luck < 0.5) late.push(bring)
            else bring()
            if (luck > 0.9) bring()
            if (late.length > 5) for (const one of late.splice(0).reverse()) one()
          })
        : broker.subscribe(topic, listener),
  }
}

const personAt = (index: number): Person => {
  const person = people[index]
  if (!person) throw new Error('nobody')
  return person
}

describe('several processes', () => {
  it('are one room: everyone hears everyone, in one order', async () => {
    await using second = await installation.start('second')
    await using third = await installation.start('third')
    const processes = [installation.first, second, third]
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(
      processes.map(async ({ wsUrl }, index) => stack.use(await join(wsUrl, 'all', personAt(index)))),
    )
    members.forEach((member, who) => {
      for (let i = 0; i < 200; i++) member.say(`${who}.${i}`)
    })
    const heard = await Promise.all(members.map((member) => member.hear(600)))
    for (const messages of heard) expect(messages).toEqual(heard[0])
  })

  it.each([1, 2, 3])('keep the order over a bus that loses, doubles and mixes up (%d)', async (seed) => {
    const room = `bad-bus-${seed}`
    await using second = await installation.start(`bad${seed}a`, (broker) => worsened(broker, seed))
    await using third = await installation.start(`bad${seed}b`, (broker) => worsened(broker, seed + 100))
    const processes = [installation.first, second, third]
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(
      processes.map(async ({ wsUrl }, index) => stack.use(await join(wsUrl, room, personAt(index)))),
    )
    const each = 100
    await Promise.all(
      members.map(async (member, who) => {
        for (let i = 0; i < each; i++) {
          member.say(`${who}.${i}`)
          if (i % 10 === 0) await member.client.roundTrip()
        }
      }),
    )
    const first = members[0] as Member
    const all = await first.hear(3 * each)
    // What was lost last is noticed when the bus was away, or when something comes after it.
    installation.bus.down()
    installation.bus.up()
    for (const member of members.slice(1)) {
      expect(await member.hear(3 * each)).toEqual(all)
      expect(await member.rest()).toEqual([])
    }
  })

  it('go on through the store while the bus is away, also for those who join then', async () => {
    await using second = await installation.start('island')
    await using here = await join(installation.first.wsUrl, 'island', personAt(0))
    await using there = await join(second.wsUrl, 'island', personAt(1))
    installation.bus.down()
    try {
      here.say('one')
      expect(await here.hearTexts(1)).toEqual(['one'])
      expect(await there.hearTexts(1)).toEqual(['one'])
      await using guest = await join(second.wsUrl, 'island')
      here.say('two')
      expect(await there.hearTexts(1)).toEqual(['two'])
      expect(await guest.hearTexts(1)).toEqual(['two'])
      await using newcomer = await join(second.wsUrl, 'castaways')
      await using speaker = await join(installation.first.wsUrl, 'castaways', personAt(0))
      speaker.say('three')
      expect(await newcomer.hearTexts(1)).toEqual(['three'])
      installation.bus.up()
      speaker.say('four')
      there.say('five')
      expect(await newcomer.hearTexts(1)).toEqual(['four'])
      expect(await here.hearTexts(2)).toEqual(['two', 'five'])
    } finally {
      installation.bus.up()
    }
  })

  it('say that they are not ready while the bus is away', async () => {
    const { url } = installation.first
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    installation.bus.down()
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    installation.bus.up()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('count what is bounded', async () => {
    await using _member = await join(installation.first.wsUrl, 'counted', personAt(0))
    const metrics = await (await fetch(`${installation.first.url}/metrics`)).text()
    for (const name of ['connections', 'buffered_bytes', 'rooms', 'unstored_messages']) {
      expect(metrics).toMatch(new RegExp(`^chat_${name} \\d+$`, 'm'))
    }
    expect(metrics).toMatch(/^chat_drops_total\{reason="notStored"\} 0$/m)
  })

  it('follow a room only while they have someone in it', async () => {
    const topics = new Map<string, number>()
    const counting = (broker: Broker): Broker => ({
      process: broker.process,
      publish: (envelope) => broker.publish(envelope),
      isHeard: (topic) => broker.isHeard(topic),
      onChange: (listener) => broker.onChange(listener),
      flush: () => broker.flush(),
      ping: () => broker.ping(),
      close: () => broker.close(),
      async subscribe(topic, listener) {
        const unsubscribe = await broker.subscribe(topic, listener)
        topics.set(topic, (topics.get(topic) ?? 0) + 1)
        return () => {
          topics.delete(topic)
          unsubscribe()
        }
      },
    })
    await using counted = await installation.start('counted', counting)
    const rooms = () => [...topics].filter(([topic]) => topic.startsWith('chat:room:'))
    const one = await join(counted.wsUrl, 'followed', personAt(0))
    const two = await join(counted.wsUrl, 'followed')
    expect(rooms()).toEqual([[expect.stringMatching(/^chat:room:/), 1]])
    for (const member of [one, two]) {
      member.client.ws.close()
      await member.closed
    }
    await expect.poll(rooms).toEqual([])
  })

  it('tell the clients to come back when they go, after storing what was said; coming back misses nothing', async () => {
    const going = await installation.start('going')
    await using stays = await join(installation.first.wsUrl, 'restart', personAt(0))
    const goes = await join(going.wsUrl, 'restart', personAt(1))
    for (let i = 0; i < 300; i++) goes.say(`${i}`)
    const [first] = await goes.hear(1)
    await going[Symbol.asyncDispose]()
    expect(await goes.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    const texts = [first, ...goes.left()].map((message) => message?.text)
    expect(await stays.hearTexts(texts.length)).toEqual(texts)
    await using back = await join(installation.first.wsUrl, 'restart', {
      ...personAt(1),
      after: first?.id ?? '',
    })
    expect(await back.hearTexts(texts.length - 1)).toEqual(texts.slice(1))
    const { data } = await get<unknown[]>(`${installation.first.url}/api/v1/rooms/restart/users`)
    expect(data).toHaveLength(2)
  })
})

describe('GET /processes', () => {
  const ask = (url = installation.first.url, token: string | undefined = personAt(0).token) =>
    get<Processes>(`${url}/api/v1/processes`, token)
  const chatProcesses = async () => (await ask()).data.services['chat']?.map(({ id }) => id)

  it('tells which processes of each service there are, whoever of them is asked; one that stops is gone at once', async () => {
    const before = Date.now()
    {
      await using second = await installation.start('status')
      const answers = async () => (await ask(second.url)).data.services
      // Tests before this one had the bus away, and a process looks at itself each 3 s.
      await expect.poll(answers).toEqual({
        ide: [],
        chat: [
          { id: 'one', since: expect.any(Number), missing: [], connections: expect.any(Number) },
          { id: 'status', since: expect.any(Number), missing: [], connections: 0 },
        ],
        relay: [],
        channels: [],
        nemesis: [],
      })
      expect((await answers())['chat']?.[1]?.since).toBeGreaterThanOrEqual(before)
    }
    expect(await chatProcesses()).toEqual(['one'])
  })

  it('tells of a process that died no more once its lease is over', async () => {
    const dying = await installation.start('dying')
    await expect.poll(chatProcesses).toEqual(['one', 'dying'])
    await dying.crash()
    expect(await chatProcesses()).toEqual(['one'])
  })

  it('tells what a process misses, and leaves out what only another version understands', async () => {
    const { presence } = installation.first
    const missing = ['directory']
    const enter = (person: string, info: unknown) =>
      presence.enter('processes', { connection: `x.${person}`, person, since: 5, info })
    await enter('nemesis', { process: 'x', missing })
    await enter('relay', { process: 'x', missing: 'all' })
    await enter('teapot', { process: 'x', missing: [] })
    const { services } = (await ask()).data
    expect(services).toMatchObject({ nemesis: [{ id: 'x', since: 5, missing }], relay: [] })
    expect(Object.keys(services)).toEqual(['ide', 'chat', 'relay', 'channels', 'nemesis'])
    for (const person of ['nemesis', 'relay', 'teapot']) await presence.leave('processes', `x.${person}`)
  })

  it('tells nobody without an account: 401', async () => {
    for (const token of ['', 'abc'])
      expect(await ask(installation.first.url, token)).toMatchObject(failure(401, 'UNAUTHORIZED'))
    expect(await get(`${installation.first.url}/api/v1/processes`)).toMatchObject(
      failure(401, 'UNAUTHORIZED'),
    )
  })

  it('says 503 while presence does not answer', async () => {
    await using process = await installation.start('blind')
    Object.assign(process.presence, {
      list: async () => {
        throw new Error('presence is away')
      },
    })
    expect(await ask(process.url)).toMatchObject(failure(503, 'UNAVAILABLE'))
  })
})
