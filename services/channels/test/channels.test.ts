import { describe, expect, test } from 'vitest'
import { heard, join, testWorlds } from './support.ts'

const worlds = testWorlds()
const start = () => worlds.world().process()

/** Three who know of each other: nothing waits for them. */
async function three() {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await start())
  const bob = stack.use(await server.login('bob'))
  const amy = stack.use(await server.login('amy'))
  const eve = stack.use(await server.login('eve'))
  for (const client of [bob, amy]) await heard(client)
  return { server, bob, amy, eve, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('join', () => {
  test('is told to everyone in the channel, the newcomer too, and to nobody else', async () => {
    await using room = await three()
    const { bob, amy, eve } = room
    await join(bob, '#django')
    amy.send({ type: 4, channel: '#django' })
    const told = { type: 4, channel: 'django', user: 'amy' }
    expect(await heard(amy)).toEqual([told])
    expect(await heard(bob)).toEqual([told])
    expect(await heard(eve)).toEqual([])
  })

  test('twice changes nothing and says nothing', async () => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, '#django')
    await join(amy, '#django')
    await heard(bob)
    amy.send({ type: 4, channel: '##django' })
    expect(await heard(amy)).toEqual([])
    expect(await heard(bob)).toEqual([])
    amy.send({ type: 0, dest: 'django', message: 'once' })
    expect(await heard(amy)).toHaveLength(1)
    expect(await heard(bob)).toHaveLength(1)
  })

  test('takes a connection into 100 channels, and no further', async () => {
    await using server = await start()
    await using bob = await server.login('bob')
    for (let n = 0; n < 100; n++) await join(bob, `#c${n}`)
    bob.send({ type: 4, channel: 'c0' })
    bob.send({ type: 4, channel: 'one-more' })
    expect(await heard(bob)).toEqual([{ type: -1, code: 'TOO_MANY_PLACES', message: expect.any(String) }])
    bob.send({ type: 5, channel: 'c0' })
    bob.send({ type: 4, channel: 'one-more' })
    expect(await heard(bob)).toMatchObject([
      { type: 5, channel: 'c0' },
      { type: 4, channel: 'one-more' },
    ])
  })

  test('has no such limit with LIMITS=off', async () => {
    await using server = await worlds.world({ limits: false }).process()
    await using bob = await server.login('bob')
    for (let n = 0; n < 400; n++) bob.send({ type: 4, channel: `#c${n}` })
    expect(await heard(bob)).toHaveLength(400)
  })
})

describe('leave', () => {
  test('is told to everyone in the channel, the leaver too', async () => {
    await using room = await three()
    const { bob, amy, eve } = room
    await join(bob, '#django')
    await join(amy, '#django')
    await heard(bob)
    amy.send({ type: 5, channel: '#django' })
    const told = { type: 5, channel: 'django', user: 'amy' }
    expect(await heard(amy)).toEqual([told])
    expect(await heard(bob)).toEqual([told])
    expect(await heard(eve)).toEqual([])
  })

  test('ends what one hears of the channel', async () => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, '#django')
    await join(amy, '#django')
    amy.send({ type: 5, channel: '#django' })
    await heard(amy)
    bob.send({ type: 0, dest: '#django', message: 'still there?' })
    await heard(bob)
    expect(await heard(amy)).toEqual([])
  })

  test('of a channel that one is not in changes nothing and says nothing', async () => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, '#django')
    amy.send({ type: 5, channel: '#django' })
    amy.send({ type: 5, channel: '__proto__' })
    expect(await heard(amy)).toEqual([])
    expect(await heard(bob)).toEqual([])
  })
})

describe('sharps at the beginning of a channel', () => {
  test.each(['django', '#django', '##django', '###django'])('are optional: %s', async (channel) => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, 'django')
    amy.send({ type: 4, channel })
    expect(await heard(amy)).toEqual([{ type: 4, channel: 'django', user: 'amy' }])
    expect(await heard(bob)).toEqual([{ type: 4, channel: 'django', user: 'amy' }])
    amy.send({ type: 0, dest: channel, message: 'hi' })
    expect(await heard(bob)).toEqual([{ type: 0, dest: channel, message: 'hi', user: 'amy' }])
    amy.send({ type: 5, channel })
    expect(await heard(bob)).toEqual([{ type: 5, channel: 'django', user: 'amy' }])
  })
})

describe('a message', () => {
  test('reaches everyone in the channel, the sender too, with the sender’s nickname', async () => {
    await using room = await three()
    const { bob, amy, eve } = room
    await join(bob, '#django')
    await join(amy, '#django')
    await heard(bob)
    bob.send({ type: 0, dest: '#django', message: 'hello world' })
    const told = { type: 0, dest: '#django', message: 'hello world', user: 'bob' }
    expect(await heard(bob)).toEqual([told])
    expect(await heard(amy)).toEqual([told])
    expect(await heard(eve)).toEqual([])
  })

  test('from someone not in the channel reaches those who are, without an echo', async () => {
    await using room = await three()
    const { bob, eve } = room
    await join(bob, '#django')
    eve.send({ type: 0, dest: '#django', message: 'knock' })
    expect(await heard(eve)).toEqual([])
    expect(await heard(bob)).toEqual([{ type: 0, dest: '#django', message: 'knock', user: 'eve' }])
  })

  test.each(['', ' ', '"\\\n\u0000\u2028', '😀', '\ud800', '{"type":3}', 'x'.repeat(16_000)])(
    'is carried as it was written: %.20j',
    async (message) => {
      await using server = await start()
      await using bob = await server.login('bob')
      await join(bob, '#a')
      bob.send({ type: 0, dest: '#a', message })
      expect(await heard(bob)).toEqual([{ type: 0, dest: '#a', message, user: 'bob' }])
    },
  )

  test('has no keys of the client’s but dest and message, and the server’s user', async () => {
    await using server = await start()
    await using bob = await server.login('bob')
    await join(bob, '#a')
    bob.send('{"user":"eve","message":"m","__proto__":{"x":1},"extra":1,"dest":"#a","type":0}')
    expect(await heard(bob)).toEqual([{ type: 0, dest: '#a', message: 'm', user: 'bob' }])
  })

  test('stays in the order in which it was said', async () => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, '#a')
    await join(amy, '#a')
    await heard(bob)
    for (let n = 0; n < 150; n++) bob.send({ type: 0, dest: '#a', message: `${n}` })
    const order = Array.from({ length: 150 }, (_, n) => ({
      type: 0,
      dest: '#a',
      message: `${n}`,
      user: 'bob',
    }))
    expect(await heard(bob)).toEqual(order)
    expect(await heard(amy)).toEqual(order)
  })
})

describe('the name of a channel', () => {
  test.each(['django', '__proto__', 'constructor', 'hasOwnProperty', 'канал', '😀', 'c#', 'x'.repeat(64)])(
    'may be %s',
    async (channel) => {
      await using server = await start()
      await using bob = await server.login('bob')
      bob.send({ type: 4, channel: `#${channel}` })
      bob.send({ type: 0, dest: `#${channel}`, message: 'hi' })
      bob.send({ type: 6, channel })
      expect(await heard(bob)).toEqual([
        { type: 4, channel, user: 'bob' },
        { type: 0, dest: `#${channel}`, message: 'hi', user: 'bob' },
        { type: 6, users: ['bob'], channel },
      ])
    },
  )

  test.each(['', '#', 'a b', 'a,b', 'a\u0000', 'a\n', '\ud800', 'x'.repeat(65)])(
    'may not be %j',
    async (channel) => {
      await using server = await start()
      await using bob = await server.login('bob')
      for (const type of [4, 5, 6]) bob.send({ type, channel })
      bob.send({ type: 0, dest: channel, message: 'hi' })
      const refusal = { type: -1, code: 'BAD_MESSAGE', message: expect.any(String) }
      expect(await heard(bob)).toEqual([refusal, refusal, refusal, refusal])
    },
  )

  test('tells channels apart by case', async () => {
    await using room = await three()
    const { bob, amy } = room
    await join(bob, 'Django')
    await join(amy, 'django')
    amy.send({ type: 0, dest: '#django', message: 'hi' })
    expect(await heard(amy)).toHaveLength(1)
    expect(await heard(bob)).toEqual([])
  })
})

describe('the list', () => {
  test('is of all who are connected, longest there first', async () => {
    await using room = await three()
    const { amy } = room
    amy.send({ type: 6 })
    expect(await heard(amy)).toEqual([{ type: 6, users: ['bob', 'amy', 'eve'] }])
  })

  test('is of those in a channel, where one is named, also for who is not in it', async () => {
    await using room = await three()
    const { bob, amy, eve } = room
    await join(amy, '#django')
    await join(bob, '#django')
    eve.send({ type: 6, channel: '#django' })
    expect(await heard(eve)).toEqual([{ type: 6, users: ['bob', 'amy'], channel: 'django' }])
    bob.send({ type: 5, channel: 'django' })
    await heard(bob)
    eve.send({ type: 6, channel: 'django' })
    expect(await heard(eve)).toEqual([{ type: 6, users: ['amy'], channel: 'django' }])
  })
})
