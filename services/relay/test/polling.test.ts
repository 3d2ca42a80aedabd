import { type Database, openDatabase } from '@switchboard/kit/database'
import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { inMemory } from '@switchboard/testing/pglite'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reachableUrl } from '../src/routes/address.ts'
import { connect, GENERATIONS, type Generation } from './support/client.ts'
import { Installation, type Process } from './support/installation.ts'

/** Each request goes to the next process, as it is without anything that binds a client to one. */
const roundRobin = (ports: number[]) => (place: { listen: string; folder: string }) =>
  `
  pid ${place.folder}/nginx.pid;
  events {}
  http {
    access_log off;
    client_body_temp_path ${place.folder}/body;
    proxy_temp_path ${place.folder}/proxy;
    fastcgi_temp_path ${place.folder}/fastcgi;
    uwsgi_temp_path ${place.folder}/uwsgi;
    scgi_temp_path ${place.folder}/scgi;
    client_max_body_size 5m;
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    upstream relay { ${ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ')} }
    server {
      listen ${place.listen};
      location / {
        proxy_pass http://relay;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
      }
    }
  }`

describe.skipIf(!findServer('nginx'))('several processes behind an nginx that binds nobody to one', () => {
  const stack = new AsyncDisposableStack()
  let database: Database
  let processes: Process[]
  let nginx: LiveNginx
  beforeAll(async () => {
    database = stack.use(await openDatabase(await inMemory()))
    const installation = stack.use(new Installation({ database, limits: false }))
    processes = [await installation.start(), await installation.start(), await installation.start()]
    nginx = stack.use(await liveNginx(roundRobin(processes.map(({ port }) => port))))
  })
  afterAll(() => stack.disposeAsync())

  const go = (token: string, path = '', init = {}) => fetch(`${nginx.url}/v1/go/${token}${path}`, init)
  const newToken = async () => (await fetch(`${nginx.url}/v1/new`)).text()

  test.each(Object.keys(GENERATIONS) as Generation[])(
    'socket.io-client %s that only polls gets everything in order, and its acknowledgements are the answers',
    async (generation) => {
      const token = await newToken()
      await using client = await connect(nginx.url, token, { generation, transport: 'polling' })
      const seen: string[] = []
      client.answer(({ path, body }) => {
        seen.push(path)
        return [200, { path, body }]
      })
      const paths = Array.from({ length: 20 }, (_, index) => `/${index}`)
      for (const path of paths) {
        const response = await go(token, path, { method: 'POST', body: 'Grüße 😀' })
        expect(await response.json()).toEqual({ path, body: 'Grüße 😀' })
      }
      expect(seen).toEqual(paths)
      const large = 'x'.repeat(256 * 1024)
      const response = await go(token, '/large', { method: 'POST', body: large })
      expect(((await response.json()) as { body: string }).body.length).toBe(large.length)
      expect(client.socket.io.engine.transport.name).toBe('polling')
    },
  )

  test('many clients from one address poll side by side', async () => {
    const clients = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const token = await newToken()
        const client = await connect(nginx.url, token, { transport: 'polling' })
        client.answer(() => [200, `${index}`])
        return { token, client }
      }),
    )
    const answers = await Promise.all(clients.map(async ({ token }) => (await go(token)).text()))
    expect(answers).toEqual(clients.map((_, index) => `${index}`))
    for (const { client } of clients) client.close()
  })

  test.each(Object.keys(GENERATIONS) as Generation[])(
    'socket.io-client %s as it comes, which begins with polling, changes to WebSocket and loses nothing',
    async (generation) => {
      const token = await newToken()
      await using client = await connect(nginx.url, token, {
        generation,
        options: { transports: ['polling', 'websocket'] },
      })
      client.answer(({ path }) => [200, path])
      const { engine } = client.socket.io
      const upgraded = new Promise<void>((resolve) => {
        if (engine.transport.name === 'websocket') resolve()
        else engine.once('upgrade', resolve)
      })
      const paths = Array.from({ length: 20 }, (_, index) => `/${index}`)
      const texts = await Promise.all(paths.map(async (path) => (await go(token, path)).text()))
      expect(texts).toEqual(paths)
      await upgraded
      expect(await (await go(token, '/after')).text()).toBe('/after')
    },
  )

  test('a client that is displaced is told by whichever process it polls', async () => {
    const token = await newToken()
    await using first = await connect(nginx.url, token, { transport: 'polling' })
    await using second = await connect(nginx.url, token, { transport: 'polling' })
    await first.gone()
    second.answer(() => [200, 'second'])
    expect(await (await go(token)).text()).toBe('second')
  })

  test('a session of a process that nobody knows is unknown, as a session without one is', async () => {
    for (const session of [
      'nosuchprocess.AAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAA',
      '.',
      'a.b.c',
      '%00.',
    ])
      for (const method of ['GET', 'POST']) {
        const query = `EIO=4&transport=polling&sid=${session}`
        const response = await fetch(`${nginx.url}/socket.io/?${query}`, { method })
        expect([response.status, await response.json()]).toEqual([
          400,
          { code: 1, message: 'Session ID unknown' },
        ])
      }
  })

  test('what was passed on once is not passed on again', async () => {
    const [one, two] = processes
    const opened = await (await fetch(`${one?.url}/socket.io/?EIO=4&transport=polling`)).text()
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string }
    const url = `${two?.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`
    expect((await fetch(url, { headers: { 'x-relay-passed-on': '1' } })).status).toBe(400)
    expect((await fetch(url, { method: 'POST', body: '41' })).status).toBe(200)
  })
})

test('a process tells others the address that they reach it at', () => {
  const found = (address: string, family: 'IPv4' | 'IPv6', internal = false, scopeid = 0) => ({
    address,
    family,
    internal,
    scopeid,
    netmask: '',
    mac: '',
    cidr: null,
  })
  const interfaces = {
    lo: [found('127.0.0.1', 'IPv4', true)],
    eth0: [found('fe80::1', 'IPv6', false, 2), found('fd00::2', 'IPv6'), found('10.0.0.3', 'IPv4')],
  } as Parameters<typeof reachableUrl>[1] & object
  const url = (address: string, given = interfaces) => reachableUrl({ address, port: 8083 }, given)
  expect(url('192.0.2.7')).toBe('http://192.0.2.7:8083')
  expect(url('2001:db8::1')).toBe('http://[2001:db8::1]:8083')
  for (const all of ['0.0.0.0', '::']) expect(url(all)).toBe('http://10.0.0.3:8083')
  expect(url('::', { eth0: (interfaces['eth0'] ?? []).slice(0, 2) })).toBe('http://[fd00::2]:8083')
  expect(url('0.0.0.0', { lo: interfaces['lo'] })).toBe('http://127.0.0.1:8083')
})
