import { answer } from '@switchboard/hub/ask'
import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { OPEN_SPACES } from '@switchboard/protocol/between'
import { NAMES_MAX, type Users } from '@switchboard/protocol/presence'
import { connect, type Refused } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { join, type Person, signUp } from './support/people.ts'
import { askPresence, heardOf, report, watchPresence } from './support/whereabouts.ts'

let installation: Installation
let url: string
let wsUrl: string
let alice: Person
let bob: Person
beforeAll(async () => {
  installation = await install({ limits: 'off' })
  url = installation.first.url
  wsUrl = installation.first.wsUrl
  alice = await signUp(url, 'alice')
  bob = await signUp(url, 'bob')
})
afterAll(() => installation[Symbol.asyncDispose]())

/** An ide that knows who may enter which space, and counts what it is asked. */
async function startIde(name: string, mayEnter: (account: number, space: string) => boolean) {
  const broker = new MemoryBroker(installation.bus, name)
  const questions: { account: number; spaces: string[] }[] = []
  await answer(broker, OPEN_SPACES.topic, async (text) => {
    const question = OPEN_SPACES.decodeQuestion(text)
    if (!question.ok) throw new Error(question.error)
    const { account, spaces } = question.value
    questions.push(question.value)
    return JSON.stringify({ open: spaces.filter((space) => mayEnter(account, space)) })
  })
  return { questions, [Symbol.asyncDispose]: () => broker.close() }
}

const usersOf = async (names: readonly string[], asker = alice) =>
  (await askPresence(url, names, asker.token)).data.users

describe('GET /presence', () => {
  it('tells where each account is, over all services and processes, under the names that were asked', async () => {
    await using other = await installation.start('other')
    const before = Date.now()
    await using _here = await join(wsUrl, 'lobby', alice)
    await using _there = await join(other.wsUrl, 'lobby', alice)
    await report(other.presence, 'other.ide1', 'alice', {
      service: 'channels',
      places: [{ name: 'django', since: 5 }],
    })
    const { status, data } = await askPresence(other.url, ['ALICE', 'bob'], bob.token)
    expect(status).toBe(200)
    expect(data.users).toEqual({
      ALICE: [
        { service: 'channels', place: 'django', since: 5 },
        { service: 'chat', place: 'lobby', since: expect.any(Number) },
      ],
      bob: [],
    })
    expect(data.users['ALICE']?.[1]?.since).toBeGreaterThanOrEqual(before)
    await other.presence.leave('person:alice', 'other.ide1')
  })

  it('leaves guests out, and tells of nobody whether there is such an account', async () => {
    await using _guest = await join(wsUrl, 'lobby')
    const query = ['guest', 'nobody', 'no/body', '', '__proto__', '1'].map((name) => `user=${name}`).join('&')
    const answered = await fetch(`${url}/api/v1/presence?${query}`, {
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(await answered.text()).toBe(
      '{"error":null,"data":{"users":{"guest":[],"nobody":[],"no/body":[],"":[],"__proto__":[],"1":[]}}}',
    )
  })

  it('has a person there before the 101 goes out, and within a second after the close no more', async () => {
    const member = await join(wsUrl, 'prompt', bob)
    expect(await usersOf(['bob'])).toMatchObject({ bob: [{ service: 'chat', place: 'prompt' }] })
    member.client.ws.close()
    await member.closed
    await expect.poll(() => usersOf(['bob']), { timeout: 1000, interval: 20 }).toEqual({ bob: [] })
  })

  it.each([
    ['no name', ''],
    ['101 names', Array.from({ length: NAMES_MAX + 1 }, (_, index) => `user=u${index}`).join('&')],
    ['a name by another name', 'user[]=alice'],
  ])('refuses %s: 400', async (_what, query) => {
    expect(await get(`${url}/api/v1/presence?${query}`, alice.token)).toMatchObject(
      failure(400, 'BAD_BINDING'),
    )
  })

  it('answers 100 names', async () => {
    const names = Array.from({ length: NAMES_MAX }, (_, index) => `u${index}`)
    expect(Object.keys(await usersOf(names))).toEqual(names)
  })

  it('refuses who has no valid token: 401', async () => {
    for (const token of [undefined, 'abc']) {
      expect(await askPresence(url, ['alice'], token)).toMatchObject(failure(401, 'UNAUTHORIZED'))
    }
    expect(await get(`${url}/api/v1/presence`)).toMatchObject(failure(401, 'UNAUTHORIZED'))
  })

  it('says 503 while presence does not answer', async () => {
    await using process = await installation.start('away')
    Object.assign(process.presence, {
      list: async () => {
        throw new Error('presence is away')
      },
    })
    expect(await askPresence(process.url, ['alice'], alice.token)).toMatchObject(failure(503, 'UNAVAILABLE'))
  })

  it('names a restricted space to those alone who may enter it, and asks ide once for all names', async () => {
    const space = (name: string) => ({ name, since: 1, restricted: true as const })
    const { presence } = installation.first
    await report(presence, 'r.1', 'carol', { service: 'ide', places: [space('repo-1'), space('repo-2')] })
    await report(presence, 'r.2', 'dave', { service: 'ide', places: [space('repo-1')] })
    await using ide = await startIde('ide', (account, name) => account === alice.id && name === 'repo-1')
    expect(await usersOf(['carol', 'dave'], alice)).toEqual({
      carol: [
        { service: 'ide', place: 'repo-1', since: 1 },
        { service: 'ide', since: 1 },
      ],
      dave: [{ service: 'ide', place: 'repo-1', since: 1 }],
    })
    expect(ide.questions.splice(0)).toEqual([{ account: alice.id, spaces: ['repo-1', 'repo-2'] }])
    expect(await usersOf(['carol', 'dave'], bob)).toEqual({
      carol: [{ service: 'ide', since: 1 }],
      dave: [{ service: 'ide', since: 1 }],
    })
    expect(ide.questions).toHaveLength(1)
    await usersOf(['alice', 'bob'])
    expect(ide.questions).toHaveLength(1)
  })

  it('names no restricted space while ide does not answer', async () => {
    const places = [{ name: 'repo-3', since: 1, restricted: true as const }]
    await report(installation.first.presence, 'r.3', 'erin', { service: 'ide', places })
    expect(await usersOf(['erin'])).toEqual({ erin: [{ service: 'ide', since: 1 }] })
    installation.bus.down()
    expect(await usersOf(['erin'])).toEqual({ erin: [{ service: 'ide', since: 1 }] })
    installation.bus.up()
  })
})

describe('the WebSocket', () => {
  it('says at once how things stand, then what changes, in every process', async () => {
    await using other = await installation.start('pushed')
    await using watching = await watchPresence(other.wsUrl, alice.token, ['bob', 'nobody'])
    expect(watching.ws.protocol).toBe(alice.token)
    expect(await watching.nextJson()).toEqual({ users: { bob: [], nobody: [] } })
    const member = await join(wsUrl, 'watched', bob)
    expect(await watching.nextJson()).toEqual({
      users: { bob: [{ service: 'chat', place: 'watched', since: expect.any(Number) }] },
    })
    const closedAt = performance.now()
    member.client.ws.close()
    expect(await watching.nextJson()).toEqual({ users: { bob: [] } })
    expect(performance.now() - closedAt).toBeLessThan(1000)
  })

  it('tells when a process dies with its people', async () => {
    const dying = await installation.start('dying')
    await using _member = await join(dying.wsUrl, 'deathbed', bob)
    await using watching = await watchPresence(wsUrl, alice.token, ['bob'])
    await heardOf(watching, 'bob', (places) => places.includes('deathbed'))
    await dying.crash()
    expect(await watching.nextJson()).toEqual({ users: { bob: [] } })
  })

  it('pushes a burst as few frames, and its last state always', async () => {
    await using watching = await watchPresence(wsUrl, alice.token, ['frank'])
    await watching.next()
    for (let i = 0; i <= 1000; i++) {
      const places = [{ name: `room-${i}`, since: 1 }]
      await report(installation.first.presence, 'b.1', 'frank', { service: 'channels', places })
    }
    const frames = await watching.until((frame) => frame.includes('"room-1000"'))
    expect(frames.length).toBeLessThan(100)
  })

  it('replaces what was watched', async () => {
    const { presence } = installation.first
    await using watching = await watchPresence(wsUrl, alice.token, ['gina'])
    await watching.next()
    watching.send({ watch: ['hugo'] })
    expect(await watching.nextJson()).toEqual({ users: { hugo: [] } })
    await report(presence, 'w.1', 'gina', { service: 'channels', places: [] })
    await report(presence, 'w.2', 'hugo', { service: 'channels', places: [] })
    expect(await watching.nextJson()).toEqual({ users: { hugo: [{ service: 'channels', since: 1 }] } })
  })

  it('asks ide anew before each frame', async () => {
    const open = new Set<number>([alice.id])
    await using _ide = await startIde('ide2', (account) => open.has(account))
    const put = (...names: string[]) =>
      report(installation.first.presence, 'o.1', 'ivan', {
        service: 'ide',
        places: names.map((name) => ({ name, since: 1, restricted: true as const })),
      })
    await put('repo-4')
    await using insider = await watchPresence(wsUrl, alice.token, ['ivan'])
    await using outsider = await watchPresence(wsUrl, bob.token, ['ivan'])
    const repo4 = { service: 'ide', place: 'repo-4', since: 1 }
    expect(await insider.nextJson()).toEqual({ users: { ivan: [repo4] } })
    expect(await outsider.nextJson()).toEqual({ users: { ivan: [{ service: 'ide', since: 1 }] } })
    open.clear()
    await put('repo-4', 'repo-5')
    expect(await insider.nextJson()).toEqual({ users: { ivan: [{ service: 'ide', since: 1 }] } })
    await put('repo-5')
    await put()
    await outsider.roundTrip()
    expect(outsider.drain()).toEqual([])
  })

  it('reads everyone anew once the bus is back', async () => {
    await using process = await installation.start('islander')
    let reads = 0
    const list = process.presence.list.bind(process.presence)
    Object.assign(process.presence, {
      list: (place: string) => {
        reads++
        return list(place)
      },
    })
    await using watching = await watchPresence(process.wsUrl, alice.token, ['jane'])
    await watching.next()
    installation.bus.down()
    installation.bus.up()
    await expect.poll(() => reads).toBe(2)
    await watching.roundTrip()
    expect(watching.drain()).toEqual([])
  })

  it('costs one reading for all that watch one person in a process', async () => {
    await using process = await installation.start('crowd')
    let reads = 0
    const list = process.presence.list.bind(process.presence)
    Object.assign(process.presence, {
      list: (place: string) => {
        reads++
        return list(place)
      },
    })
    await using stack = new AsyncDisposableStack()
    const crowd = await Promise.all(
      Array.from({ length: 200 }, async () =>
        stack.use(await watchPresence(process.wsUrl, bob.token, ['kim'])),
      ),
    )
    for (const client of crowd) await client.next()
    expect(reads).toBe(1)
    await report(installation.first.presence, 'c.1', 'kim', { service: 'channels', places: [] })
    for (const client of crowd) {
      expect(await client.nextJson<Users>()).toEqual({ users: { kim: [{ service: 'channels', since: 1 }] } })
    }
    expect(reads).toBe(2)
  })

  it.each([[[]], [['abc']], [['null']]])('is refused with 401 to whoever offers %j', async (protocols) => {
    const refusal = (await connect(`${wsUrl}/api/v1/presence/ws`, { protocols }).catch((e) => e)) as Refused
    expect({ status: refusal.status, ...JSON.parse(refusal.body) }).toMatchObject(
      failure(401, 'UNAUTHORIZED'),
    )
  })

  it('is no ordinary request: 426', async () => {
    expect(await get(`${url}/api/v1/presence/ws`, alice.token)).toMatchObject(failure(426, 'BAD_BINDING'))
  })

  it.each([
    'x',
    '{}',
    '{"watch":"alice"}',
    JSON.stringify({ watch: Array.from({ length: NAMES_MAX + 1 }, (_, index) => `u${index}`) }),
    Buffer.from('{"watch":[]}'),
  ])('closes with 1008 on %j, and nobody else', async (frame) => {
    await using bystander = await watchPresence(wsUrl, bob.token, [])
    await using client = await connect(`${wsUrl}/api/v1/presence/ws`, { protocols: [alice.token] })
    client.send(frame)
    expect(await client.closed).toEqual({ code: 1008, reason: 'BAD_MESSAGE' })
    expect(await bystander.nextJson()).toEqual({ users: {} })
    await bystander.roundTrip()
  })

  it('closes with 1009 on a frame that is too large', async () => {
    await using client = await watchPresence(wsUrl, alice.token, ['x'.repeat(17_000)])
    expect(await client.closed).toMatchObject({ code: 1009 })
  })

  it('closes with 1008 once the token is revoked, and forgets whom it watched', async () => {
    const leo = await signUp(url, 'leo')
    await using watching = await watchPresence(wsUrl, leo.token, ['leo'])
    await watching.next()
    const who = await installation.first.app.tokens.verify(leo.token)
    if (!who.ok) throw new Error(who.error)
    await installation.first.app.tokens.revoke(who.value)
    expect(await watching.closed).toEqual({ code: 1008, reason: 'TOKEN_REVOKED' })
    await expect.poll(() => installation.places.watchers.has('person:leo')).toBe(false)
  })

  it('tells its clients to come back when the process goes', async () => {
    const going = await installation.start('going')
    const watching = await watchPresence(going.wsUrl, alice.token, ['alice'])
    await watching.next()
    await going[Symbol.asyncDispose]()
    expect(await watching.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
  })

  it('is counted', async () => {
    await using watching = await watchPresence(wsUrl, alice.token, ['mona'])
    await watching.next()
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^chat_presence_connections \d+$/m)
    expect(metrics).toMatch(/^chat_presence_watched \d+$/m)
  })
})

describe('with limits', () => {
  it('who sends lists without end is closed with 1008', async () => {
    await using limited = await install()
    const person = await signUp(limited.first.url, 'alice')
    await using flooding = await connect(`${limited.first.wsUrl}/api/v1/presence/ws`, {
      protocols: [person.token],
    })
    for (let i = 0; i < 1300; i++) flooding.send({ watch: [] })
    expect(await flooding.closed).toEqual({ code: 1008, reason: 'TOO_MANY_MESSAGES' })
  })
})
