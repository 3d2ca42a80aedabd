import { once } from 'node:events'
import type { Socket } from 'node:net'
import { decodeDown } from '@switchboard/protocol/channels'
import { type Client, connect, Refused, rawSocket } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heard, join, type Process, testWorlds } from './support.ts'

const worlds = testWorlds()
const BAD_MESSAGE = { type: -1, code: 'BAD_MESSAGE', message: expect.stringMatching(/./) }

/** Somebody who must notice nothing of what goes on beside. */
async function withBystander() {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await worlds.world().process())
  const bystander = stack.use(await server.login('bystander'))
  await join(bystander, '#quiet')
  return { server, bystander, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** The bystander is there, is served, and heard nothing but log-ins and log-outs. */
async function undisturbed(bystander: Client): Promise<void> {
  for (const message of await heard(bystander)) expect([2, 3]).toContain(message.type)
  bystander.send({ type: 0, dest: '#quiet', message: 'all is well' })
  expect(await heard(bystander)).toContainEqual({
    type: 0,
    dest: '#quiet',
    message: 'all is well',
    user: 'bystander',
  })
}

/** The 14 bytes that begin a client's frame with a 64-bit length and a mask of zeros. */
function frameHeader(opcode: number, fin: boolean, length: number): Buffer {
  const header = Buffer.alloc(14)
  header[0] = (fin ? 0x80 : 0) | opcode
  header[1] = 0x80 | 127
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

/** Logs in over bare TCP. */
async function rawLogin(server: Process, nick: string, headers: string[] = []) {
  const socket = await rawSocket(server.port)
  const lines = [
    `GET /chat/login/${nick} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    ...headers,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return socket
}
/** Resolves when the connection is gone, reset or not. */
function gone(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  socket.resume()
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='

describe('a malformed message gets BAD_MESSAGE, and the connection stays', () => {
  test.each([
    ['broken JSON', '{"type":'],
    ['nothing', ''],
    ['a bare word', 'hello'],
    ['null', 'null'],
    ['an array', '[]'],
    ['an array of commands', '[{"type":3}]'],
    ['a string', '"3"'],
    ['a number', '3'],
    ['no type', '{}'],
    ['a type that is a string', '{"type":"3"}'],
    ['a type that is null', '{"type":null}'],
    ['a type that is an array', '{"type":[3]}'],
    ['a type that is no integer', '{"type":0.5}'],
    ['an unknown type', '{"type":7}'],
    ['the type of errors', '{"type":-1}'],
    ['a huge type', '{"type":1e999}'],
    ['a type in the prototype', '{"__proto__":{"type":3}}'],
    ['a message without a dest', '{"type":0,"message":"a"}'],
    ['a message without a text', '{"type":0,"dest":"#a"}'],
    ['a message that is a number', '{"type":0,"dest":"#a","message":1}'],
    ['a message that is null', '{"type":0,"dest":"#a","message":null}'],
    ['a dest that is an object', '{"type":0,"dest":{},"message":"a"}'],
    ['a channel that is a number', '{"type":4,"channel":1}'],
    ['a channel that is an array', '{"type":4,"channel":["#a"]}'],
    ['no channel to join', '{"type":4}'],
    ['no channel to leave', '{"type":5}'],
    ['a channel to list that is null', '{"type":6,"channel":null}'],
    ['a password that is an object', '{"type":1,"password":{}}'],
    ['no password', '{"type":1}'],
    ['a log-in without a user', '{"type":2}'],
    ['very deep JSON', `${'['.repeat(8000)}${']'.repeat(8000)}`],
    ['a byte order mark', '\ufeff{"type":3}'],
  ])('%s', async (_what, text) => {
    await using scene = await withBystander()
    await using client = await scene.server.login('client')
    client.ws.send(text)
    expect(await heard(client)).toEqual([BAD_MESSAGE])
    await undisturbed(scene.bystander)
  })

  test('a binary frame, even of a good message', async () => {
    await using scene = await withBystander()
    await using client = await scene.server.login('client')
    client.send(Buffer.from('{"type":3}'))
    client.send(Buffer.alloc(0))
    expect(await heard(client)).toEqual([BAD_MESSAGE, BAD_MESSAGE])
    await undisturbed(scene.bystander)
  })

  test('anything at all', async () => {
    await using scene = await withBystander()
    await using client = await scene.server.login('client')
    const texts = fc.sample(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), 100)
    for (const text of texts) client.ws.send(text)
    const answers = await heard(client)
    expect(answers).toHaveLength(texts.length)
    for (const answer of answers) expect(decodeDown(JSON.stringify(answer))).toMatchObject({ ok: true })
    await undisturbed(scene.bystander)
  })
})

describe('a frame', () => {
  test('of 16 KiB is taken', async () => {
    await using server = await worlds.world().process()
    await using client = await server.login('client')
    const message = JSON.stringify({ type: 6, channel: 'a' })
    client.ws.send(message.padEnd(16 * 1024))
    expect(await client.nextJson()).toEqual({ type: 6, users: [], channel: 'a' })
  })

  test.each([16 * 1024 + 1, 10 * 1024 * 1024])('of %d bytes closes with 1009', async (size) => {
    await using scene = await withBystander()
    await using client = await scene.server.login('client')
    client.ws.on('error', () => {})
    client.ws.send('{"type":3}'.padEnd(size))
    expect(await client.closed).toMatchObject({ code: 1009 })
    await undisturbed(scene.bystander)
  })

  test('that only announces 10 MB closes at once', async () => {
    await using scene = await withBystander()
    const socket = await rawLogin(scene.server, 'raw', [KEY])
    socket.write(frameHeader(1, true, 10 * 1024 * 1024))
    await gone(socket)
    await undisturbed(scene.bystander)
  })

  test.each([
    [1000, 20],
    [1, 20_000],
    [0, 20_000],
  ])('in fragments of %d bytes without end closes', async (size, count) => {
    await using scene = await withBystander()
    const socket = await rawLogin(scene.server, 'raw', [KEY])
    const closed = gone(socket)
    const chunk = Buffer.alloc(size, ' ')
    socket.write(Buffer.concat([frameHeader(1, false, size), chunk]))
    const more = Buffer.concat([frameHeader(0, false, size), chunk])
    for (let n = 0; n < count && !socket.destroyed; n++) socket.write(more)
    await closed
    await undisturbed(scene.bystander)
  })

  test('that is not UTF-8, or no frame at all, closes', async () => {
    await using scene = await withBystander()
    for (const bytes of [
      Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ]) {
      const socket = await rawLogin(scene.server, 'raw', [KEY])
      const closed = gone(socket)
      socket.write(bytes)
      await closed
      await scene.bystander.until((text) => text === '{"type":3,"user":"raw"}')
    }
    await undisturbed(scene.bystander)
  })
})

describe('an upgrade', () => {
  test('that is no handshake leaves the nickname free', async () => {
    await using scene = await withBystander()
    for (const headers of [[], ['Sec-WebSocket-Key: short'], [KEY, 'Sec-WebSocket-Protocol: ,,a b']]) {
      const socket = await rawLogin(scene.server, 'broken', headers)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
      if (!socket.closed) await gone(socket)
    }
    expect(await heard(scene.bystander)).toEqual([])
    const answer = async () => {
      const client = await scene.server.connect('broken')
      const { type } = await client.nextJson<{ type: number }>()
      client.ws.terminate()
      return type
    }
    await expect.poll(answer, { timeout: 10_000 }).toBe(2)
    await undisturbed(scene.bystander)
  })

  test('whose client goes at once leaves the nickname free', async () => {
    await using scene = await withBystander()
    for (let n = 0; n < 20; n++) {
      const socket = await rawLogin(scene.server, `hasty${n}`, [KEY])
      socket.destroy()
    }
    await using client = await scene.server.login('patient')
    const present = async () => {
      client.send({ type: 6 })
      const [list = ''] = (await client.until((text) => text.includes('"type":6'))).slice(-1)
      return JSON.parse(list).users as string[]
    }
    await expect.poll(present, { timeout: 10_000 }).toEqual(['bystander', 'patient'])
    await undisturbed(scene.bystander)
  })

  test.each(['/', '/chat/login', '/chat/logins/bob', '/__proto__', '/chat/login%2Fbob'])(
    'at %s is refused',
    async (path) => {
      await using scene = await withBystander()
      await expect(connect(scene.server.wsUrl + path)).rejects.toBeInstanceOf(Refused)
      await undisturbed(scene.bystander)
    },
  )
})

test('200 connections that never say anything disturb nobody, and are let go at the end', async () => {
  const world = worlds.world()
  const server = await world.process()
  await using bystander = await server.login('bystander')
  await join(bystander, '#quiet')
  const silent = await Promise.all(Array.from({ length: 200 }, (_, n) => server.login(`silent${n}`)))
  await undisturbed(bystander)
  const closings = Promise.all(silent.map((client) => client.closed))
  await server[Symbol.asyncDispose]()
  for (const { code } of await closings) expect(code).toBe(1012)
  expect(world.store.claims.size).toBe(0)
})

test('a flood of messages is delayed, not lost, and past 1,000 waiting it is closed with 1008', async () => {
  await using scene = await withBystander()
  await using client = await scene.server.login('flooder')
  for (let n = 0; n < 2000; n++) client.ws.send('{"type":0,"dest":"#quiet","message":"flood"}')
  expect(await client.closed).toEqual({ code: 1008, reason: 'TOO_MANY_MESSAGES' })
  const came = await scene.bystander.until((text) => text === '{"type":3,"user":"flooder"}')
  expect(came.filter((text) => text.includes('flood"')).length).toBeGreaterThanOrEqual(200)
})
