import { once } from 'node:events'
import { type Client, connect as connectWebSocket, rawSocket } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type RelayClient } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let relay: Process & AsyncDisposable
let token: string
let witness: RelayClient
beforeAll(async () => {
  relay = await startRelay()
  token = await relay.token()
  witness = await connect(relay.url, token)
  witness.answer(({ path }) => [200, path])
})
afterAll(async () => {
  witness.close()
  await relay[Symbol.asyncDispose]()
})

/** The process is up, and its other client has noticed nothing. */
async function isUnharmed(): Promise<void> {
  expect(await (await relay.go(token, '/still-here')).text()).toBe('/still-here')
}

const socketIo = (query: string) => `${relay.wsUrl}/socket.io/?${query}`

/** It was answered, or the connection was closed over it. */
const settled = (client: Client) => client.next().catch(() => client.closed)

/** A bare Engine.IO client of revision 4, past its handshake. */
async function bare(query = 'EIO=4&transport=websocket') {
  const client = await connectWebSocket(socketIo(query))
  expect(await client.next()).toMatch(/^0\{/)
  return client
}

test.each([
  '/',
  '/v1',
  '/v1/',
  '/v1/nothing',
  '/v1/new/x',
  '/new/x',
  '/refresh',
  '/v2/new',
  '/go/../new',
  '/socket.io',
  '/__proto__',
  '/constructor',
])('%s is not found', async (path) => {
  const response = await fetch(relay.url + path)
  // What `..` is taken out of by the client is another path.
  expect([404, path.includes('..') ? 200 : 404]).toContain(response.status)
  await isUnharmed()
})

test.each([
  '',
  '?EIO=4',
  '?EIO=4&transport=carrier-pigeon',
  '?EIO=4&transport=__proto__',
  '?EIO=4&transport=polling&sid=nobody',
  '?EIO=4&transport=polling&sid=__proto__',
  '?EIO=9&transport=websocket',
  '?%zz',
])('/socket.io/%s is refused', async (query) => {
  const response = await fetch(`${relay.url}/socket.io/${query}`)
  expect(response.status).toBe(400)
  await isUnharmed()
})

test.each([
  'x',
  '9',
  '4',
  '42["request"]',
  '40/a,{',
  '40//,',
  '40/__proto__,',
  '40/constructor,{"__proto__":1}',
  '451-["x",{"_placeholder":true,"num":5}]',
  '451-[',
  '43/x,99[1]',
  '4{"a":1}',
  '2probe',
  '3',
  '1',
  '6',
  '\ud800'.toWellFormed(),
])('the frame %j on a bare connection harms nobody', async (frame) => {
  for (const query of ['EIO=4&transport=websocket', 'EIO=3&transport=websocket']) {
    await using client = await bare(query)
    client.send(frame)
    client.send('40/nosuchtoken,')
    await settled(client)
  }
  await isUnharmed()
})

test('frames of anything at all harm nobody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (frame) => {
      await using client = await bare()
      client.send(`4${frame}`)
      client.send('40/nosuchtoken,')
      await settled(client)
    }),
    { numRuns: 50 },
  )
  await isUnharmed()
})

test('binary frames that nobody announced close the connection', async () => {
  await using client = await bare()
  client.send(Buffer.from([1, 2, 3]))
  await client.closed
  await isUnharmed()
})

test('a frame of 10 MB closes the connection', async () => {
  await using client = await bare()
  client.send(Buffer.alloc(10_000_000, '4').toString())
  expect((await client.closed).code).toBe(1009)
  await isUnharmed()
})

test('fragments without end close the connection', async () => {
  await using client = await bare()
  const fragment = 'x'.repeat(256 * 1024)
  client.ws.on('error', () => {})
  for (let sent = 0; sent < 40; sent++) client.ws.send(fragment, { fin: false })
  await client.closed
  await isUnharmed()
})

test('a polled body of 10 MB is refused', async () => {
  const opened = await fetch(`${relay.url}/socket.io/?EIO=4&transport=polling`)
  const { sid } = JSON.parse((await opened.text()).slice(1)) as { sid: string }
  const url = `${relay.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`
  const posted = fetch(url, { method: 'POST', body: 'x'.repeat(10_000_000) })
  // Node may end the connection before the client has sent it all.
  expect(
    await posted.then(
      ({ status }) => status,
      () => 413,
    ),
  ).toBe(413)
  await isUnharmed()
})

test('a request of 10 MB is refused', async () => {
  const response = await relay.go(token, '', { method: 'POST', body: 'x'.repeat(10_000_000) })
  expect(response.status).toBe(413)
  await isUnharmed()
})

test('a client that sends events nobody knows is left alone', async () => {
  const own = await relay.token()
  await using client = await connect(relay.url, own)
  for (const event of ['request', 'message', 'error', '__proto__', 'constructor'])
    client.socket.emit(event, { __proto__: null, deep: [[[1]]] }, 'and more')
  client.answer(() => [200, 'fine'])
  expect(await (await relay.go(own)).text()).toBe('fine')
})

test('an acknowledgement of something that was never sent is ignored', async () => {
  const own = await relay.token()
  await using client = await bare()
  client.send(`40/${own},`)
  expect(await client.next()).toContain(`40/${own},`)
  client.send(`43/${own},12345[200,"x"]`)
  const answer = relay.go(own)
  const event = await client.next()
  const id = /,(\d+)\[/.exec(event)?.[1]
  client.send(`43/${own},${id}[200,"right"]`)
  client.send(`43/${own},${id}[200,"twice"]`)
  expect(await (await answer).text()).toBe('right')
})

test('an acknowledgement nested as deep as a packet allows is none', async () => {
  const own = await relay.token()
  await using client = await bare()
  client.send(`40/${own},`)
  await client.next()
  const answer = relay.go(own)
  const id = /,(\d+)\[/.exec(await client.next())?.[1]
  client.send(`43/${own},${id}[200,${'['.repeat(500_000)}${']'.repeat(500_000)}]`)
  expect(await (await answer).text()).toBe('OK')
  await isUnharmed()
})

test('a connection that keeps sending what nobody asked for is closed, with limits on', async () => {
  await using client = await bare()
  const own = await relay.token()
  client.send(`40/${own},`)
  await client.next()
  for (let sent = 0; sent < 2_000; sent++) client.send(`42/${own},["noise",${sent}]`)
  await client.closed
  await isUnharmed()
})

test('a connection that keeps guessing tokens is closed', async () => {
  await using client = await bare()
  for (let sent = 0; sent < 2_000; sent++) client.send(`40/guess${sent},`)
  await client.closed
  await isUnharmed()
})

test('an upgrade that is not Socket.IO’s is refused', async () => {
  for (const path of ['/', `/v1/go/${token}`, '/socket.iox/', '/new'])
    await expect(connectWebSocket(relay.wsUrl + path)).rejects.toMatchObject({ status: 404 })
  await isUnharmed()
})

test.each([
  ['is silent', 'EIO=4', undefined],
  ['answers pings', 'EIO=4', '3'],
  ['is silent', 'EIO=3', undefined],
  ['sends pings', 'EIO=3', '2'],
])(
  'a connection to no token’s namespace that %s (%s) is closed after 25 s',
  { concurrent: true, timeout: 40_000 },
  async (_what, revision, heartbeat) => {
    await using client = await bare(`${revision}&transport=websocket`)
    const start = performance.now()
    const timer = setInterval(() => heartbeat && client.send(heartbeat), 1_000)
    await client.closed
    clearInterval(timer)
    expect(performance.now() - start).toBeGreaterThan(24_000)
    expect(performance.now() - start).toBeLessThan(32_000)
  },
)

test('200 connections that never say anything disturb nobody', async () => {
  const silent = await Promise.all(Array.from({ length: 200 }, () => rawSocket(relay.port)))
  const idle = await Promise.all(Array.from({ length: 20 }, () => bare()))
  const start = performance.now()
  for (let request = 0; request < 50; request++) await isUnharmed()
  expect(performance.now() - start).toBeLessThan(10_000)
  for (const socket of silent) socket.destroy()
  await Promise.all(idle.map((client) => client[Symbol.asyncDispose]()))
})

test('garbage instead of HTTP gets an answer or a closed connection', async () => {
  for (const text of [
    '\0\0\0\0\r\n\r\n',
    'GET\r\n\r\n',
    `POST /v1/go/${token} HTTP/1.1\r\nContent-Length: x\r\n\r\n`,
  ]) {
    const socket = await rawSocket(relay.port)
    socket.on('error', () => {})
    socket.resume()
    socket.write(text)
    await once(socket, 'close')
  }
  await isUnharmed()
})

test('a caller that goes away before the answer leaves nothing behind', async () => {
  const own = await relay.token()
  await using client = await connect(relay.url, own)
  const gone = new AbortController()
  const answer = relay.go(own, '/gone', { signal: gone.signal })
  const { respond } = await client.next()
  gone.abort()
  await expect(answer).rejects.toThrow()
  respond(200, 'to nobody')
  client.answer(() => [200, 'to somebody'])
  expect(await (await relay.go(own)).text()).toBe('to somebody')
})
