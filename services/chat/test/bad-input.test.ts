import { once } from 'node:events'
import { rawSocket } from '@switchboard/testing/socket'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failure, get, post } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { join, type Member, type Person, signUp } from './support/people.ts'

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

/** Someone who talks in the room all the while and notices nothing. */
let bystander: Member
beforeEach(async () => {
  bystander = await join(wsUrl, 'room', bob)
})
afterEach(async () => {
  bystander.say('still here')
  expect(await bystander.hearTexts(1)).toEqual(['still here'])
  await bystander[Symbol.asyncDispose]()
})

const BAD_FRAMES = [
  '',
  ' ',
  'hello',
  '{',
  '{"text":"hello"',
  'null',
  'true',
  '1',
  '"hello"',
  '[]',
  '[{"text":"hello"}]',
  '{}',
  '{"text":null}',
  '{"text":1}',
  '{"text":true}',
  '{"text":["hello"]}',
  '{"text":{"text":"hello"}}',
  '{"TEXT":"hello"}',
  '{"__proto__":{"text":"hello"}}',
  '{"constructor":{"text":"hello"}}',
  '{"text":"hello"}\u0000',
  '\ufeff{"text":"hello"}',
  JSON.stringify({ text: 'x'.repeat(4097) }),
  JSON.stringify({ text: `😀${'x'.repeat(4096)}` }),
  '['.repeat(16_000),
]

describe('a frame that is not such an object', () => {
  it.each(BAD_FRAMES.map((frame) => [frame.slice(0, 50), frame]))(
    '%j closes with 1008, nothing delivered',
    async (_start, frame) => {
      await using member = await join(wsUrl, 'room', alice)
      member.client.send(frame)
      member.say('never said')
      expect(await member.closed).toEqual({ code: 1008, reason: 'BAD_MESSAGE' })
    },
  )

  it('but binary closes with 1008', async () => {
    await using member = await join(wsUrl, 'room', alice)
    member.client.send(Buffer.from('{"text":"hello"}'))
    expect(await member.closed).toEqual({ code: 1008, reason: 'BAD_MESSAGE' })
  })
})

describe('a frame that is too large', () => {
  it.each([
    ['of 16 KiB and one byte', 16 * 1024 + 1],
    ['of 10 MB', 10_000_000],
  ])('%s closes with 1009', async (_size, size) => {
    await using member = await join(wsUrl, 'room', alice)
    member.client.ws.on('error', () => {})
    member.client.send(JSON.stringify({ text: 'x'.repeat(size - 11) }))
    expect(await member.closed).toMatchObject({ code: 1009 })
  })

  it('of 16 KiB to the byte is read: it is the text that is too long', async () => {
    await using member = await join(wsUrl, 'room', alice)
    member.client.send(JSON.stringify({ text: 'x'.repeat(16 * 1024 - 11) }))
    expect(await member.closed).toEqual({ code: 1008, reason: 'BAD_MESSAGE' })
  })

  it('in fragments without end closes with 1009', async () => {
    await using member = await join(wsUrl, 'room', alice)
    const { ws } = member.client
    const feed = () => {
      if (ws.readyState === ws.OPEN) ws.send('x'.repeat(1000), { fin: false }, () => setImmediate(feed))
    }
    feed()
    expect(await member.closed).toMatchObject({ code: 1009 })
  })

  it('in empty fragments without end closes the connection', async () => {
    await using member = await join(wsUrl, 'room', alice)
    const { ws } = member.client
    ws.send('{', { fin: false })
    const feed = () => {
      for (let i = 0; i < 500; i++) ws.send('', { fin: false })
      if (ws.readyState === ws.OPEN) setImmediate(feed)
    }
    feed()
    expect((await member.closed).code).toBeGreaterThan(1001)
  })
})

describe('what is no WebSocket frame', () => {
  it.each([
    ['not UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
    ['not masked', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['of a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ['random', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 1002],
  ])('%s closes the connection', async (_what, bytes, code) => {
    await using member = await join(wsUrl, 'room', alice)
    // ws sends no such thing; its socket does.
    ;(member.client.ws as unknown as { _socket: NodeJS.WritableStream })._socket.write(bytes)
    expect(await member.closed).toMatchObject({ code })
  })
})

describe('bad HTTP', () => {
  it.each(['/api/v1/rooms/%00', '/api/v1/rooms/a%2Fb', '/api/v1/rooms/%ED%A0%80x', '/api/v1/rooms/x%20y'])(
    'GET %s is answered in the generic form or refused',
    async (path) => {
      const response = await fetch(`${url}${path}`)
      expect(response.status).toBe(400)
      await response.text()
    },
  )

  it.each(['{"username":', 'a=b', '\u0000', '[]', '{"username":"\\ud800","secret":"\\ud800"}'])(
    'POST /users with %j is 400',
    async (body) => {
      expect((await post(`${url}/api/v1/users`, body)).status).toBe(400)
    },
  )

  it('a lone surrogate is a secret like any other', async () => {
    const credentials = { username: 'surrogate', secret: '\ud800' }
    expect((await post(`${url}/api/v1/users`, credentials)).status).toBe(201)
    expect((await post(`${url}/api/v1/login`, credentials)).status).toBe(200)
  })

  it.each([
    ['/api/v1/users/1', 200],
    ['/api/v1/nothing', 404],
    ['/api/v1/rooms/%zz/messages/ws', 400],
  ])('an upgrade of %s, which is no WebSocket, is answered with %d', async (path, status) => {
    const socket = await rawSocket(installation.first.port)
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13'
    const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n${key}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString().split('\r\n')[0]).toContain(`HTTP/1.1 ${status} `)
    socket.destroy()
  })

  it('garbage on the port is answered with 400', async () => {
    const socket = await rawSocket(installation.first.port)
    socket.write('\u0000\u0001\u0002 garbage\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  })

  it('an unknown route is 404 NOT_FOUND', async () => {
    expect(await get(`${url}/api/v1/rooms/a/b/c`)).toMatchObject(failure(404, 'NOT_FOUND'))
    expect(await get(`${url}/__proto__`)).toMatchObject(failure(404, 'NOT_FOUND'))
  })
})

describe('200 connections that never say anything', () => {
  it('as members, as guests, and as bare sockets, disturb nobody', async () => {
    const members = await Promise.all(
      Array.from({ length: 200 }, (_, index) => join(wsUrl, 'room', index % 2 ? alice : {})),
    )
    const bare = await Promise.all(Array.from({ length: 200 }, () => rawSocket(installation.first.port)))
    bystander.say('hello all of you')
    for (const member of members) expect(await member.hearTexts(1)).toEqual(['hello all of you'])
    expect(await bystander.hearTexts(1)).toEqual(['hello all of you'])
    const { data } = await get<unknown[]>(`${url}/api/v1/rooms/room/users`)
    expect(data).toHaveLength(2)
    for (const socket of bare) socket.destroy()
    await Promise.all(members.map((member) => member[Symbol.asyncDispose]()))
  })
})
