import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, rawSocket } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ide, openIde } from './support/ide.ts'
import { type Installation, install } from './support/installation.ts'
import { type Person, post } from './support/person.ts'

const MIB = 1024 * 1024

let installation: Installation
let url: string
let wsUrl: string
let mallory: Person
let witness: Ide
beforeAll(async () => {
  installation = await install()
  ;({ url, wsUrl } = installation.first)
  mallory = await installation.signUp('Mallory')
  witness = await installation.enter('Wanda', 'witness')
})
afterAll(() => installation[Symbol.asyncDispose]())

let ide: Ide
beforeEach(async () => {
  ide = await openIde(wsUrl, mallory)
})
afterEach(async () => {
  await ide.client[Symbol.asyncDispose]()
  // Whatever was sent: the process is up, and nobody else has noticed anything.
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await witness.heard()).toEqual([])
  expect(await witness.list('witness')).toEqual([])
})

describe('a malformed frame gets BAD_MESSAGE, and the connection stays:', () => {
  test.each<[string, string | undefined]>([
    ['', undefined],
    ['hello', undefined],
    [':|:', undefined],
    ['send', undefined],
    ['send:|:', 'send'],
    ['send:|:{', 'send'],
    ['send:|:{"to":"wanda","data":1', 'send'],
    ['send:|:null', 'send'],
    ['send:|:[]', 'send'],
    ['send:|:["wanda",1]', 'send'],
    ['send:|:"wanda"', 'send'],
    ['send:|:{"to":["wanda"],"data":1}', 'send'],
    ['send:|:{"to":{"key":"wanda"},"data":1}', 'send'],
    ['send:|:{"to":null,"data":1}', 'send'],
    ['send:|:{"__proto__":{"to":"wanda","data":1}}', 'send'],
    ['list:|:{}', 'list'],
    ['list:|:{"space":["witness"]}', 'list'],
    ['list:|:{"space":1e999}', 'list'],
    ['list:|:{"space":"\\ud800"}', 'list'],
    ['list:|:{"space":"witness\\u0000"}', 'list'],
    ['join:|:{"space":""}', 'join'],
    [`join:|:${JSON.stringify({ space: 'x'.repeat(129) })}`, 'join'],
    ['leave:|:[]', 'leave'],
    ['died:|:{"user":"wanda","space":"witness"}', undefined],
    ['constructor:|:{}', undefined],
    ['__proto__:|:{}', undefined],
    ['toString:|:{}', undefined],
    ['LIST:|:{"space":"witness"}', undefined],
    [' list:|:{"space":"witness"}', undefined],
  ])('%j', async (frame, event) => {
    ide.client.send(frame)
    const [heard, params] = await ide.hear()
    expect(heard).toBe('error')
    expect(params).toEqual({ ...(event ? { event } : {}), code: 'BAD_MESSAGE', message: expect.any(String) })
    expect(await ide.list('after')).toEqual([])
  })

  test('a binary one, whatever is in it', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('list:|:{"space":"witness"}'), randomBytes(1000)]) {
      ide.client.send(bytes)
      expect(await ide.hear()).toEqual(['error', { code: 'BAD_MESSAGE', message: 'a binary frame' }])
    }
    expect(await ide.list('after')).toEqual([])
  })

  test('any text at all is answered', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => `list:|:${json}`),
    )
    await fc.assert(
      fc.asyncProperty(text, async (frame) => {
        ide.client.send(frame)
        expect(['error', 'list']).toContain((await ide.hear())[0])
      }),
      { numRuns: 50 },
    )
  })
})

describe('size', () => {
  /** A frame of so many bytes that is a `list` otherwise. */
  const padded = (bytes: number) => 'list:|:{"space":"big"}'.padEnd(bytes)

  test('of 64 KiB is taken, one byte more closes with 1009', async () => {
    ide.client.send(padded(64 * 1024))
    expect(await ide.hear()).toEqual(['list', []])
    ide.client.send(padded(64 * 1024 + 1))
    expect(await ide.client.closed).toMatchObject({ code: 1009 })
  })

  test('of 10 MB closes with 1009', async () => {
    ide.client.send(padded(10 * MIB))
    expect(await ide.client.closed).toMatchObject({ code: 1009 })
  })

  test('counts over all fragments, of which there may be no end', async () => {
    const { ws, closed } = ide.client
    const endless = setInterval(() => ws.send('x'.repeat(4096), { fin: false }), 1)
    expect(await closed).toMatchObject({ code: 1009 })
    clearInterval(endless)
  })

  test('of a body is 256 KiB at most: else 413', async () => {
    const answer = await post(`${url}/api/v1/user/auth`, { username: 'x'.repeat(10 * MIB) }).catch(
      () => undefined,
    )
    // The server may have hung up while the client was still sending.
    if (answer) expect([answer.status, await answer.json()]).toEqual([413, { error: expect.any(String) }])
  })
})

describe('a client that breaks the protocol below', () => {
  async function upgraded() {
    const socket = await rawSocket(installation.first.port)
    socket.write(
      `GET /ws?token=${mallory.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    await once(socket, 'data')
    return socket
  }

  test.each([
    ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]), 1007],
    ['an unmasked frame', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['a reserved bit', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['a length of 2^60', Buffer.from([0x81, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ])('with %s is closed with its code', async (_what, bytes, code) => {
    const socket = await upgraded()
    socket.write(bytes)
    const [frame] = (await once(socket, 'data')) as [Buffer]
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, code])
    socket.destroy()
  })

  test('with garbage instead of HTTP is hung up on', async () => {
    const socket = await rawSocket(installation.first.port)
    socket.end(randomBytes(1000))
    socket.resume()
    await once(socket, 'close')
  })
})

test('200 connections that never say anything leave everybody else alone', async () => {
  const silent = await Promise.all(
    Array.from({ length: 200 }, () => connect(`${wsUrl}/api/v1/socket?token=${mallory.token}`)),
  )
  expect(await ide.list('quiet')).toEqual([])
  ide.say('send', { to: 'mallory', data: 'all' })
  const heard = await Promise.all(silent.map((client) => client.next()))
  expect(new Set(heard)).toEqual(new Set(['msg:|:{"from":"Mallory","data":"all"}']))
  await Promise.all(silent.map((client) => client[Symbol.asyncDispose]()))
})

test('a connection that sends more than it may is slowed down, and closed with 1008 when 1,000 wait', async () => {
  for (let n = 0; n < 300; n++) ide.client.send(`send:|:{"to":"mallory","data":${n}}`)
  // 200 at once, the others one by one: none is lost.
  for (let n = 0; n < 300; n++) expect(await ide.hear()).toEqual(['msg', { from: 'Mallory', data: n }])
  for (let n = 0; n < 2000; n++) ide.client.send('send:|:{"to":"mallory","data":0}')
  expect(await ide.client.closed).toEqual({ code: 1008, reason: 'TOO_MANY_MESSAGES' })
})
