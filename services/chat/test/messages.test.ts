import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { join, type Message, type Person, signUp } from './support/people.ts'

let installation: Installation
let url: string
let wsUrl: string
let alice: Person
let bob: Person
beforeAll(async () => {
  installation = await install()
  url = installation.first.url
  wsUrl = installation.first.wsUrl
  alice = await signUp(url, 'alice')
  bob = await signUp(url, 'bob')
})
afterAll(() => installation[Symbol.asyncDispose]())

describe('a message', () => {
  it('comes to everyone, the sender too, in a JSON array, as documented', async () => {
    await using a = await join(wsUrl, 'talk', alice)
    await using b = await join(wsUrl, 'talk', bob)
    const before = Math.floor(Date.now() / 1000)
    a.say('hello')
    const frames = await Promise.all([a.client.next(), b.client.next()])
    expect(frames[0]).toBe(frames[1])
    const [message, ...more] = JSON.parse(frames[0] ?? '') as Message[]
    expect(more).toEqual([])
    expect(message).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      sender: { id: alice.id, username: 'alice' },
      text: 'hello',
      createTime: expect.any(Number),
    })
    expect(Number.isInteger(message?.createTime)).toBe(true)
    expect(message?.createTime).toBeGreaterThanOrEqual(before)
    expect(message?.createTime).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it('comes together with others in one frame where they were stored together', async () => {
    await using a = await join(wsUrl, 'batch', alice)
    a.say(...Array.from({ length: 100 }, (_, index) => `${index}`))
    const frames: Message[][] = []
    while (frames.flat().length < 100) frames.push(await a.client.nextJson())
    expect(frames.flat().map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
    expect(frames.length).toBeLessThan(50)
  })

  it('is in the same order for everyone', async () => {
    await using stack = new AsyncDisposableStack()
    const members = await Promise.all(
      [alice, bob, alice, bob].map(async (person) => stack.use(await join(wsUrl, 'order', person))),
    )
    members.forEach((member, who) => {
      member.say(...Array.from({ length: 50 }, (_, index) => `${who}.${index}`))
    })
    const heard = await Promise.all(members.map((member) => member.hearTexts(200)))
    for (const texts of heard) expect(texts).toEqual(heard[0])
    expect(heard[0]?.filter((text) => text.startsWith('2.'))).toEqual(
      Array.from({ length: 50 }, (_, index) => `2.${index}`),
    )
    const { data: room } = await get<{ id: string }>(`${url}/api/v1/rooms/order`)
    const history = await get<Message[]>(`${url}/api/v1/messages?room_id=${room.id}&count=200`)
    expect(history.data.map(({ text }) => text)).toEqual(heard[0])
  })

  it.each([
    ['empty', ''],
    ['NUL', 'a\u0000b'],
    ['a lone surrogate', '\ud800 and \udc00'],
    ['a quote and a backslash', '"\\"'],
    ['an escape that is none', '\\u0000 \\ud800'],
    ['a line separator', '\u2028\u2029\n\r\t'],
    ['another direction', '\u202eabc'],
    ['something to inject', "'; DROP TABLE chat.message; --"],
    ['JSON', '{"text":"inner"}'],
    ['4,096 characters', 'x'.repeat(4096)],
    ['4,000 characters of four bytes', '😀'.repeat(4000)],
  ])('comes back as it was sent, live and from history: %s', async (_what, text) => {
    await using member = await join(wsUrl, 'lossless', alice)
    member.say(text)
    const [message] = await member.hear(1)
    expect(message?.text).toBe(text)
    const { data } = await get<Message>(`${url}/api/v1/messages/${message?.id}`)
    expect(data).toEqual(message)
  })

  it('may have members beside its text, which nobody sees', async () => {
    await using member = await join(wsUrl, 'extra', alice)
    member.client.send('{"text":"hello","id":"forged","sender":{"id":1},"__proto__":{"x":1}}')
    const [message = {}] = await member.hear(1)
    expect(Object.keys(message)).toEqual(['id', 'sender', 'text', 'createTime'])
    expect(message).toMatchObject({ text: 'hello', sender: { username: 'alice' } })
  })

  it('may be cut into fragments', async () => {
    await using member = await join(wsUrl, 'fragments', alice)
    const frame = JSON.stringify({ text: 'in parts' })
    member.client.ws.send(frame.slice(0, 5), { fin: false })
    member.client.ws.send(frame.slice(5), { fin: true })
    expect(await member.hearTexts(1)).toEqual(['in parts'])
  })

  it('is taken from a fast sender with delay rather than lost', async () => {
    await using member = await join(wsUrl, 'burst', bob)
    member.say(...Array.from({ length: 260 }, (_, index) => `${index}`))
    expect(await member.hearTexts(260)).toEqual(Array.from({ length: 260 }, (_, index) => `${index}`))
  })

  it('of a sender who has 1,000 waiting closes the connection with 1008', async () => {
    await using member = await join(wsUrl, 'flood', bob)
    member.say(...Array.from({ length: 1500 }, (_, index) => `${index}`))
    expect(await member.closed).toEqual({ code: 1008, reason: 'TOO_MANY_MESSAGES' })
  })
})

describe('history', () => {
  const ids = { room: '', messages: [] as Message[] }
  beforeAll(async () => {
    await using a = await join(wsUrl, 'history', alice)
    await using b = await join(wsUrl, 'history', bob)
    for (let round = 0; round < 30; round++) {
      a.say(`a${round}`)
      b.say(`b${round}`)
      ids.messages.push(...(await a.hear(2)))
    }
    await using elsewhere = await join(wsUrl, 'elsewhere', bob)
    elsewhere.say('elsewhere')
    await elsewhere.hear(1)
    ids.room = (await get<{ id: string }>(`${url}/api/v1/rooms/history`)).data.id
  })
  const messages = (query: string, token?: string) => get<Message[]>(`${url}/api/v1/messages?${query}`, token)

  it('of a room is its newest 50 messages, oldest first, unless told, without a token', async () => {
    const { status, error, data } = await messages(`room_id=${ids.room}`)
    expect({ status, error }).toEqual({ status: 200, error: null })
    expect(data).toEqual(ids.messages.slice(-50))
  })

  it('is as many messages as were asked for, 200 at most', async () => {
    expect((await messages(`room_id=${ids.room}&count=3`)).data).toEqual(ids.messages.slice(-3))
    expect((await messages(`room_id=${ids.room}&count=1000000`)).data).toEqual(ids.messages)
    const { data: burst } = await get<{ id: string }>(`${url}/api/v1/rooms/burst`)
    expect((await messages(`room_id=${burst.id}&count=1000`)).data).toHaveLength(200)
  })

  it('of a person in a room is that person’s alone', async () => {
    const { data } = await messages(`room_id=${ids.room}&user_id=${bob.id}&count=200`)
    expect(data).toEqual(ids.messages.filter(({ sender }) => sender.id === bob.id))
  })

  it('of a person in all rooms takes a token', async () => {
    expect(await messages(`user_id=${bob.id}`)).toMatchObject(failure(401, 'UNAUTHORIZED'))
    expect(await messages(`user_id=${bob.id}`, 'abc')).toMatchObject(failure(401, 'UNAUTHORIZED'))
    const { data } = await messages(`user_id=${bob.id}&count=2`, alice.token)
    expect(data).toMatchObject([{ text: 'b29' }, { text: 'elsewhere' }])
  })

  describe('before a message', () => {
    const before = (index: number, query = '') =>
      messages(`room_id=${ids.room}&before=${ids.messages[index]?.id}${query}`)

    it('is the 50 messages right before it, oldest first, unless told, without a token', async () => {
      expect(await before(59)).toMatchObject({ status: 200, error: null, data: ids.messages.slice(9, 59) })
      expect((await before(50)).data).toEqual(ids.messages.slice(0, 50))
      expect((await before(30, '&count=7')).data).toEqual(ids.messages.slice(23, 30))
    })

    it('is what there is, where that is less than was asked for', async () => {
      expect((await before(3)).data).toEqual(ids.messages.slice(0, 3))
      expect((await before(1, '&count=1000000')).data).toEqual(ids.messages.slice(0, 1))
      expect(await before(0)).toMatchObject({ status: 200, error: null, data: [] })
    })

    it('is 200 messages at most', async () => {
      const { data: burst } = await get<{ id: string }>(`${url}/api/v1/rooms/burst`)
      const [newest] = (await messages(`room_id=${burst.id}&count=1`)).data
      const { data } = await messages(`room_id=${burst.id}&before=${newest?.id}&count=1000`)
      expect(data.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 59}`))
    })

    it('of a person in a room is that person’s alone, whoever’s message it is', async () => {
      const { data } = await before(20, `&user_id=${bob.id}&count=4`)
      expect(data).toEqual(
        ids.messages
          .slice(0, 20)
          .filter(({ sender }) => sender.id === bob.id)
          .slice(-4),
      )
    })

    it('asked for page by page, of whatever size, is every message once, in order', async () => {
      for (const size of [1, 2, 7, 20, 30, 59, 60, 61]) {
        let page = (await messages(`room_id=${ids.room}&count=${size}`)).data
        const read = [...page]
        while (page.length === size) {
          page = (await messages(`room_id=${ids.room}&count=${size}&before=${read[0]?.id}`)).data
          read.unshift(...page)
        }
        expect(read).toEqual(ids.messages)
      }
    })

    it('is the same while people go on talking', async () => {
      await using a = await join(wsUrl, 'talked-in', alice)
      a.say(...Array.from({ length: 6 }, (_, index) => `${index}`))
      const said = await a.hear(6)
      const { data: room } = await get<{ id: string }>(`${url}/api/v1/rooms/talked-in`)
      const ask = () => messages(`room_id=${room.id}&before=${said[4]?.id}&count=2`)
      expect((await ask()).data).toEqual(said.slice(2, 4))
      a.say('more')
      await a.hear(1)
      expect((await ask()).data).toEqual(said.slice(2, 4))
    })

    it('takes its id in either case', async () => {
      const { data } = await messages(`room_id=${ids.room}&before=${ids.messages[2]?.id.toUpperCase()}`)
      expect(data).toEqual(ids.messages.slice(0, 2))
    })

    it.each([
      ['nobody’s', '00000000-0000-4000-8000-000000000000'],
      ['none', 'abc'],
      ['a number', '30'],
      ['empty', ''],
      ['__proto__', '__proto__'],
      ['something to inject', "' OR 1=1 --"],
      ['NUL', '\u0000'],
    ])('that is %s is answered with 404 MESSAGE_NOT_FOUND, and which parameter it was', async (_what, id) => {
      const answer = await messages(`room_id=${ids.room}&before=${encodeURIComponent(id)}`)
      expect(answer).toMatchObject(failure(404, 'MESSAGE_NOT_FOUND'))
      expect(answer.error?.message).toMatch(/^before: /)
    })

    it('of another room is not known in this one', async () => {
      const { data: other } = await get<{ id: string }>(`${url}/api/v1/rooms/elsewhere`)
      const answer = await messages(`room_id=${other.id}&before=${ids.messages[5]?.id}`)
      expect(answer).toMatchObject(failure(404, 'MESSAGE_NOT_FOUND'))
    })

    it('asked for twice is malformed', async () => {
      const { id } = ids.messages[5] ?? {}
      expect(await before(5, `&before=${id}`)).toMatchObject(failure(400, 'BAD_BINDING'))
    })

    it('without a room asks for a token first, like all that a person said anywhere', async () => {
      const query = `user_id=${bob.id}&before=${ids.messages[5]?.id}`
      expect(await messages(query)).toMatchObject(failure(401, 'UNAUTHORIZED'))
      expect(await messages(query, alice.token)).toMatchObject(failure(400, 'BAD_BINDING'))
    })
  })

  it('of one message is that message', async () => {
    const [message] = ids.messages
    expect(await get(`${url}/api/v1/messages/${message?.id}`)).toMatchObject({ status: 200, data: message })
    const upper = message?.id.toUpperCase()
    expect(await get(`${url}/api/v1/messages/${upper}`)).toMatchObject({ status: 200, data: message })
  })

  it.each([
    ['room_id=00000000-0000-4000-8000-000000000000', 404, 'ROOM_NOT_FOUND'],
    ['room_id=history', 404, 'ROOM_NOT_FOUND'],
    ['room_id=', 404, 'ROOM_NOT_FOUND'],
    ['room_id=__proto__', 404, 'ROOM_NOT_FOUND'],
    ['user_id=999999', 404, 'USER_NOT_FOUND'],
    ['user_id=alice', 404, 'USER_NOT_FOUND'],
    ['', 400, 'BAD_BINDING'],
    ['count=5', 400, 'BAD_BINDING'],
    ['user_id=1&user_id=2', 400, 'BAD_BINDING'],
    ['user_id=1&count=0', 400, 'BAD_BINDING'],
    ['user_id=1&count=-1', 400, 'BAD_BINDING'],
    ['user_id=1&count=1.5', 400, 'BAD_BINDING'],
    ['user_id=1&count=ten', 400, 'BAD_BINDING'],
    ['user_id=1&count=', 400, 'BAD_BINDING'],
    ['before=00000000-0000-4000-8000-000000000000', 400, 'BAD_BINDING'],
    ['user_id=1&before=00000000-0000-4000-8000-000000000000', 400, 'BAD_BINDING'],
    ['room_id=history&before=00000000-0000-4000-8000-000000000000', 404, 'ROOM_NOT_FOUND'],
  ])('asked for with ?%s is answered with %d %s', async (query, status, type) => {
    expect(await messages(query, alice.token)).toMatchObject(failure(status, type))
  })

  it.each(['00000000-0000-4000-8000-000000000000', 'abc', '__proto__', '%00', "'"])(
    'does not know the message %s: 404 MESSAGE_NOT_FOUND',
    async (id) => {
      expect(await get(`${url}/api/v1/messages/${id}`)).toMatchObject(failure(404, 'MESSAGE_NOT_FOUND'))
    },
  )

  it('does not know a room that nobody joined: 404 ROOM_NOT_FOUND', async () => {
    for (const path of ['rooms/nowhere', 'rooms/nowhere/users', 'rooms/History']) {
      expect(await get(`${url}/api/v1/${path}`)).toMatchObject(failure(404, 'ROOM_NOT_FOUND'))
    }
  })
})
