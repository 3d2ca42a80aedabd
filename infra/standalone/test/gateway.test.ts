import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { connect, rawSocket } from '@switchboard/testing/socket'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createGateway } from '../src/gateway.ts'

/** A service that answers with its own name, over HTTP and over a WebSocket. */
function named(name: string) {
  const server = createServer((_request, response) => response.end(name))
  new WebSocketServer({ server }).on('connection', (ws) => ws.send(name))
  return { server }
}

const names = Object.keys(SERVICES) as Service[]
const { server: gateway } = createGateway(
  Object.fromEntries(names.map((name) => [name, named(name)])) as Record<Service, ReturnType<typeof named>>,
)
let port: number

beforeAll(async () => {
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  port = (gateway.address() as AddressInfo).port
})
afterAll(() => gateway.close())

test.each([
  ['/api/v1/user/login', 'ide'],
  ['/api/v1/users/12', 'chat'],
  ['/v1/go/abc/any/path?x=/auth', 'relay'],
  ['/socket.io/?EIO=4', 'relay'],
  ['/user/register', 'nemesis'],
  ['/userman/college', 'nemesis'],
])('a request for %s goes to %s', async (path, service) => {
  expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe(service)
})

test.each([
  ['/api/v1/socket?token=x', 'ide'],
  ['/api/v1/rooms/lobby/messages/ws', 'chat'],
  ['/chat/login/alice', 'channels'],
])('a WebSocket for %s goes to %s', async (path, service) => {
  await using client = await connect(`ws://127.0.0.1:${port}${path}`)
  expect(await client.next()).toBe(service)
})

test.each([
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/nowhere',
  '/authx',
  '/api/v1',
  '/constructor',
  '/__proto__',
])('nobody answers at %s, over HTTP or a WebSocket', async (path) => {
  expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404)
  await expect(connect(`ws://127.0.0.1:${port}${path}`)).rejects.toThrow('404')
})

test('an upgrade to something else than a WebSocket is an ordinary request', async () => {
  const socket = await rawSocket(port)
  socket
    .setEncoding('utf8')
    .write('GET /auth HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [string]
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
})

test('a service is drained once every request that it was handed is answered', async () => {
  const answers: (() => void)[] = []
  const slow = { server: createServer((_request, response) => answers.push(() => response.end('late'))) }
  const others = Object.fromEntries(names.map((name) => [name, named(name)])) as Record<
    Service,
    ReturnType<typeof named>
  >
  const { server, drained } = createGateway({ ...others, relay: slow })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const asked = once(slow.server, 'request')
  const response = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/new`)
  await asked
  let done = false
  const waiting = drained('relay').then(() => {
    done = true
  })
  await drained('chat')
  expect(done).toBe(false)
  answers[0]?.()
  await waiting
  expect(await (await response).text()).toBe('late')
  server.close()
})

test('the console is read at / and below /assets/, by GET and HEAD, and by no WebSocket', async () => {
  const backends = Object.fromEntries(names.map((name) => [name, named(name)])) as Record<
    Service,
    ReturnType<typeof named>
  >
  const { server } = createGateway(backends, named('console'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const path of ['/', '/?x=1', '/assets/index-a_B1.js'])
    expect(await (await fetch(`http://${url}${path}`)).text()).toBe('console')
  expect((await fetch(`http://${url}/`, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(`http://${url}/`, { method: 'POST' })).status).toBe(404)
  for (const path of ['/index.html', '/assets', '/assets/', '/assets/.x.js', '/assets/a/b.js', '/nowhere'])
    expect((await fetch(`http://${url}${path}`)).status).toBe(404)
  expect(await (await fetch(`http://${url}/auth`)).text()).toBe('nemesis')
  await expect(connect(`ws://${url}/`)).rejects.toThrow('404')
  server.close()
})
