import { type Client, connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { freshName, type Origin, type Person, postForm, postJson, signUp } from './origin.ts'

interface Message {
  id: string
  sender: { id: number; username: string; via?: string }
  text: string
}

export interface Leader {
  username: string
  password: string
  college: string
}

const roomUrl = ({ wsUrl }: Origin, room: string) => `${wsUrl}/api/v1/rooms/${room}/messages/ws`

/** Someone in a room, whose messages come one by one. */
class Listener implements AsyncDisposable {
  readonly client: Client
  readonly #heard: Message[] = []

  constructor(client: Client) {
    this.client = client
  }

  async next(): Promise<Message> {
    while (this.#heard.length === 0) {
      this.#heard.push(...(JSON.parse(await this.client.next(20_000)) as Message[]))
    }
    return this.#heard.shift() as Message
  }

  async texts(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) texts.push((await this.next()).text)
    return texts
  }

  [Symbol.asyncDispose]() {
    return this.client[Symbol.asyncDispose]()
  }
}

const enter = async (origin: Origin, room: string, { token }: Person): Promise<Listener> =>
  new Listener(await connect(roomUrl(origin, room), { protocols: [token] }))

interface Said {
  type: number
  dest: string
  message: string
  user: string
}

/** A nick in a channel. */
async function joinChannel({ wsUrl }: Origin, channel: string): Promise<{ nick: string; client: Client }> {
  const nick = freshName('nick')
  const client = await connect(`${wsUrl}/chat/login/${nick}`)
  await client.until((text) => text.includes('"type":6'))
  client.send({ type: 4, channel })
  await client.until((text) => text.includes('"type":4'))
  return { nick, client }
}

/** The next message of a channel; others come and go meanwhile. */
async function nextSaid(client: Client): Promise<Said> {
  for (;;) {
    const frame = JSON.parse(await client.next(20_000)) as Said
    if (frame.type === 0) return frame
  }
}

const linksOf = ({ url }: Origin, room: string) => `${url}/api/v1/rooms/${room}/links`

async function link(origin: Origin, room: string, { token }: Person, body: object): Promise<void> {
  const answer = await postJson(linksOf(origin, room), body, { authorization: `Bearer ${token}` })
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

/** Messages across services, through links. `leader`: of a college at nemesis. */
export function linkScenarios(origin: () => Origin, leader: () => Promise<Leader>): void {
  test('a room and a channel hear each other, and nobody hears an echo', async () => {
    const [room, channel] = [freshName('room'), freshName('channel')]
    const alice = await signUp(origin(), 'alice')
    await using a = await enter(origin(), room, alice)
    const { nick, client } = await joinChannel(origin(), channel)
    await link(origin(), room, alice, { kind: 'channel', name: `#${channel}` })
    a.client.send({ text: 'from the room' })
    expect(await nextSaid(client)).toEqual({
      type: 0,
      dest: `#${channel}`,
      message: 'from the room',
      user: `${alice.username}@chat`,
    })
    client.send({ type: 0, dest: `#${channel}`, message: 'from the channel' })
    expect((await nextSaid(client)).user).toBe(nick)
    expect((await a.next()).sender.id).toBe(alice.id)
    expect(await a.next()).toMatchObject({
      text: 'from the channel',
      sender: { id: 0, username: `${nick}@channels`, via: 'channels' },
    })
    a.client.send({ text: 'the end' })
    expect((await a.next()).text).toBe('the end')
    expect((await nextSaid(client)).message).toBe('the end')
    await client[Symbol.asyncDispose]()
  })

  test('a loop of three rooms and two channels with a flood of 1,000 messages ends, each everywhere once', async () => {
    const alice = await signUp(origin(), 'alice')
    const rooms = [1, 2, 3].map((n) => freshName(`loop-${n}`))
    const channels = ['a', 'b'].map((n) => freshName(`loop-${n}`))
    await using stack = new AsyncDisposableStack()
    const listeners = await Promise.all(
      rooms.map(async (room) => stack.use(await enter(origin(), room, alice))),
    )
    const members = await Promise.all(channels.map((channel) => joinChannel(origin(), channel)))
    for (const { client } of members) stack.use(client)
    for (const room of rooms)
      for (const name of channels) await link(origin(), room, alice, { kind: 'channel', name })
    const texts = numbered(1000)
    for (const text of texts) listeners[0]?.client.send({ text })
    const inRooms = listeners.map((listener) => listener.texts(1000))
    const inChannels = members.map(async ({ client }) => {
      const heard: string[] = []
      while (heard.length < 1000) heard.push((await nextSaid(client)).message)
      return heard
    })
    for (const heard of await Promise.all([...inRooms, ...inChannels])) expect(heard).toEqual(texts)
    members[0]?.client.send({ type: 0, dest: channels[0], message: 'the end' })
    for (const listener of listeners) expect(await listener.texts(1)).toEqual(['the end'])
    for (const { client } of members) expect((await nextSaid(client)).message).toBe('the end')
  }, 90_000)

  test('requests to a relay token are told in the room, and on in its channel', async () => {
    const { url } = origin()
    const [room, channel] = [freshName('room'), freshName('channel')]
    const alice = await signUp(origin(), 'alice')
    await using a = await enter(origin(), room, alice)
    const { client } = await joinChannel(origin(), channel)
    const token = await (await fetch(`${url}/v1/new`)).text()
    await link(origin(), room, alice, { kind: 'relay', token })
    await link(origin(), room, alice, { kind: 'channel', name: channel })
    await postJson(`${url}/v1/go/${token}/push?secret=1`, { pushed: true })
    const text = 'POST /push\n{"pushed":true}'
    const username = `${token.slice(0, 4)}@relay`
    expect(await a.next()).toMatchObject({ text, sender: { id: 0, username, via: 'relay' } })
    expect(await nextSaid(client)).toMatchObject({ message: text, user: username })
    const listed = await fetch(linksOf(origin(), room), {
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(await listed.text()).not.toContain(token)
    await client[Symbol.asyncDispose]()
  })

  test('people who enter and leave an ide space are told, until it is closed to the owner', async () => {
    const { url, wsUrl } = origin()
    const [room, other] = [freshName('room'), freshName('room')]
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    await using a = await enter(origin(), room, alice)
    await using b = await enter(origin(), other, bob)
    const repo = await postJson(`${url}/api/v1/repos?token=${bob.token}`, { name: 'engine' })
    const { id: space } = (await repo.json()) as { id: string }
    const members = `${url}/api/v1/repos/${space}/members`
    const body = { kind: 'space', id: space }
    const refused = await postJson(linksOf(origin(), room), body, { authorization: `Bearer ${alice.token}` })
    expect(refused.status).toBe(403)
    await postJson(`${members}?token=${bob.token}`, { username: alice.username })
    await link(origin(), room, alice, body)
    await link(origin(), other, bob, body)

    const enterSpace = async () => {
      const ide = await connect(`${wsUrl}/api/v1/socket?token=${bob.token}&space=${space}`)
      await ide.roundTrip()
      return ide
    }
    const leaveSpace = async (ide: Client) => {
      ide.ws.close()
      await ide.closed
    }
    const sender = { id: 0, username: `${bob.username}@ide`, via: 'ide' }
    const first = await enterSpace()
    expect(await a.next()).toMatchObject({ sender, text: `entered ${space}` })
    await leaveSpace(first)
    expect(await a.next()).toMatchObject({ sender, text: `left ${space}` })
    const removed = await fetch(`${members}/${alice.username}?token=${bob.token}`, { method: 'DELETE' })
    expect(removed.status).toBeLessThan(300)
    await leaveSpace(await enterSpace())
    const toldBob = [`entered ${space}`, `left ${space}`]
    expect(await b.texts(4)).toEqual([...toldBob, ...toldBob])
    // Both rooms are told in one write: what bob's has heard, alice's would have heard before this.
    a.client.send({ text: 'nobody told me' })
    expect((await a.next()).text).toBe('nobody told me')
  })

  test('a registration for a team is told, without name and address', async () => {
    const { url } = origin()
    const room = freshName('room')
    const alice = await signUp(origin(), 'alice')
    await using a = await enter(origin(), room, alice)
    const { username, password, college } = await leader()
    const auth = await postForm(`${url}/auth`, { username, password })
    const { token } = (await auth.json()) as { token: string }
    const authorization = `Bearer ${alice.token}`
    for (const [id, wrong] of [
      [college, 'no token'],
      [college, alice.token],
      ['college-of-others', token],
    ]) {
      const body = { kind: 'college', id, token: wrong }
      expect((await postJson(linksOf(origin(), room), body, { authorization })).status).toBe(403)
    }
    await link(origin(), room, alice, { kind: 'college', id: college, token })
    const team = freshName('team')
    const person = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team }
    expect((await postForm(`${url}/user/register`, { token, ...person })).status).toBe(200)
    expect(await a.next()).toMatchObject({
      sender: { id: 0, username: `${college}@nemesis`, via: 'nemesis' },
      text: `a registration for ${team} came in`,
    })
  })
}
