import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { TEXT_MAX } from '@switchboard/protocol/chat'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post, remove } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { type Heard, type Outside, openOutside } from './support/outside.ts'
import { join, type Member, type Message, type Person, signUp } from './support/people.ts'

let installation: Installation
let outside: Outside
let url: string
let alice: Person
beforeAll(async () => {
  installation = await install()
  outside = await openOutside(new MemoryBroker(installation.bus))
  url = installation.first.url
  alice = await signUp(url, 'alice')
})
afterAll(async () => {
  await outside[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const linksOf = (room: string) => `${url}/api/v1/rooms/${room}/links`

async function link(room: string, body: unknown): Promise<string> {
  const headers = { authorization: `Bearer ${alice.token}` }
  const answer = await post<{ linkId: string }>(linksOf(room), body, headers)
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.error)}`)
  return answer.data.linkId
}

/** Alice in her own room. */
const enter = (room: string, wsUrl = installation.first.wsUrl): Promise<Member> =>
  join(wsUrl, room, { token: alice.token })

const from = (username: string, via: string) => ({ id: 0, username, via })

/** Enough for everything that is under way on this bus to arrive: one more message, from each channel to each member. */
async function settle(members: readonly Member[], channel: string): Promise<Message[][]> {
  outside.say(channel, 'last', 'the last one')
  return Promise.all(
    members.map(async (member) => {
      const heard: Message[] = []
      while (heard.at(-1)?.text !== 'the last one') heard.push(...(await member.hear(1)))
      return heard.slice(0, -1)
    }),
  )
}

describe('a link to a channel', () => {
  it('brings what is said in the room to the channel, and back, and echoes nothing', async () => {
    await using member = await enter('both-ways')
    const heard = await outside.listen('both')
    member.say('before the link')
    await member.hear(1)
    await link('both-ways', { kind: 'channel', name: '#both' })
    member.say('from the room')
    await expect.poll(() => heard).toHaveLength(1)
    outside.say('both', 'bob', 'from the channel')
    expect(await member.hearTexts(1)).toEqual(['from the room'])
    expect(await member.hear(1)).toMatchObject([
      { text: 'from the channel', sender: from('bob@channels', 'channels') },
    ])
    member.say('once more')
    expect(await member.hearTexts(1)).toEqual(['once more'])
    expect(await settle([member], 'both')).toEqual([[]])
    expect(heard).toEqual([
      { dest: '#both', user: 'alice@chat', message: 'from the room' },
      { dest: '#both', user: 'bob', message: 'from the channel' },
      { dest: '#both', user: 'alice@chat', message: 'once more' },
      { dest: '#both', user: 'last', message: 'the last one' },
    ])
  })

  it('posts what history, single messages and ?after= show, and nobody who is a member', async () => {
    await using member = await enter('kept')
    await link('kept', { kind: 'channel', name: 'kept' })
    member.say('one')
    const [one] = await member.hear(1)
    outside.say('kept', 'bob', 'two')
    const [two] = await member.hear(1)
    const { data } = await get<{ id: string; members: unknown[] }>(`${url}/api/v1/rooms/kept`)
    expect(data.members).toEqual([{ id: alice.id, username: 'alice' }])
    const history = await get(`${url}/api/v1/messages?room_id=${data.id}`)
    expect(history.data).toEqual([one, two])
    expect((await get(`${url}/api/v1/messages/${two?.id}`)).data).toEqual(two)
    await using back = await join(installation.first.wsUrl, 'kept', { after: one?.id ?? '' })
    expect(await back.hear(1)).toEqual([two])
    expect((await get(`${url}/api/v1/messages?user_id=0`, alice.token)).status).toBe(404)
    expect((await get(`${url}/api/v1/messages?user_id=0&room_id=${data.id}`)).status).toBe(404)
  })

  it('brings every text as it was, and one that is too long in several messages, in order', async () => {
    await using member = await enter('texts')
    const heard = await outside.listen('texts')
    await link('texts', { kind: 'channel', name: 'texts' })
    const texts = ['', '\u0000', '"\\"', '\u2028 Ζωή 😀', '{"a":1}', 'x'.repeat(TEXT_MAX)]
    member.say(...texts)
    await expect.poll(() => heard.map(({ message }) => message)).toEqual(texts)
    await member.hear(texts.length)
    const long = `${'😀'.repeat(TEXT_MAX)}${'y'.repeat(TEXT_MAX)}z`
    outside.say('texts', 'bob', ...texts, long)
    expect(await member.hearTexts(texts.length)).toEqual(texts)
    const parts = await member.hear(3)
    expect(parts.map(({ text }) => text)).toEqual(['😀'.repeat(TEXT_MAX), 'y'.repeat(TEXT_MAX), 'z'])
    expect(new Set(parts.map(({ id }) => id)).size).toBe(3)
  })

  it('ignores what is no message, and what was brought there by a link', async () => {
    await using member = await enter('picky')
    await link('picky', { kind: 'channel', name: 'picky' })
    for (const payload of ['', '{', '[]', '{"type":4,"channel":"picky","user":"bob"}', '{"type":0}'])
      outside.raw('channels:channel:picky', payload)
    outside.say('picky', 'mallory@chat', 'forged')
    expect(await settle([member], 'picky')).toEqual([[]])
  })

  it('ends when it is ended, and other links of the room go on', async () => {
    await using member = await enter('ends')
    const [gone, stays] = [await outside.listen('gone'), await outside.listen('stays')]
    const linkId = await link('ends', { kind: 'channel', name: 'gone' })
    await link('ends', { kind: 'channel', name: 'stays' })
    member.say('to both')
    await expect.poll(() => [gone.length, stays.length]).toEqual([1, 1])
    expect((await remove(`${linksOf('ends')}/${linkId}`, alice.token)).status).toBe(200)
    member.say('to one')
    await expect.poll(() => stays.length).toBe(2)
    outside.say('gone', 'bob', 'unheard')
    expect((await settle([member], 'stays'))[0]?.map(({ text }) => text)).toEqual(['to both', 'to one'])
    expect(gone.map(({ message }) => message)).toEqual(['to both', 'unheard'])
  })

  it('does not bring on what was said while there was none', async () => {
    await using member = await enter('pause')
    const heard = await outside.listen('pause')
    const linkId = await link('pause', { kind: 'channel', name: 'pause' })
    member.say('one')
    await expect.poll(() => heard.length).toBe(1)
    await remove(`${linksOf('pause')}/${linkId}`, alice.token)
    member.say('two')
    await member.hear(2)
    await link('pause', { kind: 'channel', name: 'pause' })
    member.say('three')
    await expect.poll(() => heard.map(({ message }) => message)).toEqual(['one', 'three'])
  })
})

describe('rooms and channels that are linked', () => {
  it('hear each message once and in one order where links form a diamond', async () => {
    const rooms = ['top', 'left', 'right', 'bottom']
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(rooms.map(async (room) => stack.use(await enter(room))))
    const heard = await Promise.all(['d1', 'd2'].map((name) => outside.listen(name)))
    for (const room of rooms) for (const name of ['d1', 'd2']) await link(room, { kind: 'channel', name })
    const [top, ...others] = members as [Member, ...Member[]]
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`)
    top.say(...texts)
    expect(await top.hearTexts(50)).toEqual(texts)
    for (const member of others) {
      const messages = await member.hear(50)
      expect(messages.map(({ text }) => text)).toEqual(texts)
      expect(messages[0]?.sender).toEqual(from('alice@chat', 'channels'))
    }
    await expect.poll(() => heard.map((one) => one.length)).toEqual([50, 50])
    outside.say('d1', 'bob', 'from one channel')
    for (const member of members) expect(await member.hearTexts(1)).toEqual(['from one channel'])
    await expect.poll(() => heard.map((one) => one.length)).toEqual([51, 51])
    expect(heard[1]?.at(-1)).toEqual({ dest: '#d2', user: 'bob@channels', message: 'from one channel' })
    expect(await settle(members, 'd2')).toEqual([[], [], [], []])
  })

  it('in a loop of three rooms and two channels: a flood of 1,000 messages ends, each is everywhere once, in order', async () => {
    const rooms = ['loop-1', 'loop-2', 'loop-3']
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(rooms.map(async (room) => stack.use(await enter(room))))
    const heard = await Promise.all(['loop-a', 'loop-b'].map((name) => outside.listen(name)))
    for (const room of rooms)
      for (const name of ['loop-a', 'loop-b']) await link(room, { kind: 'channel', name })
    const texts = Array.from({ length: 1000 }, (_, i) => `${i}`)
    members[0]?.say(...texts)
    for (const member of members) {
      const messages: string[] = []
      while (messages.length < 1000) {
        const [message] = await member.hear(1)
        messages.push(message?.text ?? '')
      }
      expect(messages).toEqual(texts)
    }
    const textsOf = (messages: Heard[]) => messages.map(({ message }) => message)
    await expect.poll(() => heard.map(textsOf)).toEqual([texts, texts])
    expect(await settle(members, 'loop-a')).toEqual([[], [], []])
    expect(heard.map(textsOf)).toEqual([
      [...texts, 'the last one'],
      [...texts, 'the last one'],
    ])
  }, 60_000)

  it('get a flood of a channel late and whole, at the pace of a connection', async () => {
    await using member = await enter('flooded')
    await link('flooded', { kind: 'channel', name: 'flooded' })
    const texts = Array.from({ length: 400 }, (_, i) => `${i}`)
    const start = performance.now()
    outside.say('flooded', 'bob', ...texts)
    expect(await member.hearTexts(200)).toEqual(texts.slice(0, 200))
    const burst = performance.now() - start
    expect(await member.hearTexts(200)).toEqual(texts.slice(200))
    const all = performance.now() - start
    expect(all).toBeGreaterThan(3500)
    expect(burst).toBeLessThan(all / 2)
  })
})

describe('a link to a relay token', () => {
  it('posts method, path and the beginning of the body, and that goes on to channels', async () => {
    const token = 'k3v9x0q2m7c1z8b4n6t5r0w3yd'
    outside.living.add(token)
    await using member = await enter('hooks')
    const heard = await outside.listen('hooks')
    await link('hooks', { kind: 'relay', token })
    await link('hooks', { kind: 'channel', name: 'hooks' })
    outside.relayed(token, { method: 'POST', path: '/push', body: `${'😀'.repeat(500)}more` })
    outside.relayed(token, { method: 'GET', path: `/${'p'.repeat(20_000)}`, body: '' })
    const [one, two] = await member.hear(2)
    expect(one).toMatchObject({
      sender: from('k3v9@relay', 'relay'),
      text: `POST /push\n${'😀'.repeat(500)}`,
    })
    expect(two?.text).toBe(`GET /${'p'.repeat(499)}`)
    await expect.poll(() => heard).toHaveLength(2)
    expect(heard[0]).toEqual({ dest: '#hooks', user: 'k3v9@relay', message: one?.text })
    outside.raw(`relay:requests:x`, 'not JSON')
  })
})

describe('a link to an ide space', () => {
  it('tells who enters and leaves, only while the owner may enter', async () => {
    const key = `${alice.id} lab`
    outside.open.add(key)
    await using member = await enter('watching')
    await link('watching', { kind: 'space', id: 'lab' })
    outside.space('joined', 'bob', 'lab')
    expect(await member.hear(1)).toMatchObject([{ sender: from('bob@ide', 'ide'), text: 'entered lab' }])
    outside.open.delete(key)
    outside.space('joined', 'carol', 'lab')
    // Its question is asked before the space is opened again.
    const asked = () => outside.questions.filter((question) => question.includes('"lab"')).length
    await expect.poll(asked).toBe(3)
    outside.open.add(key)
    outside.space('died', 'bob', 'lab')
    expect(await member.hear(1)).toMatchObject([{ sender: from('bob@ide', 'ide'), text: 'left lab' }])
  })
})

describe('a link to a college', () => {
  it('tells that a registration for a team came in', async () => {
    outside.leaders.add('t college-1')
    await using member = await enter('school')
    await link('school', { kind: 'college', id: 'college-1', token: 't' })
    outside.registered('college-2', 'team-QWE')
    outside.registered('college-1', 'team-ABC')
    expect(await member.hear(1)).toMatchObject([
      { sender: from('college-1@nemesis', 'nemesis'), text: 'a registration for team-ABC came in' },
    ])
  })
})
