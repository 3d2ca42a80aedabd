import { createServer } from 'node:http'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { openDatabase } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { inMemory } from '@switchboard/testing/pglite'
import { expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { connect, type Transport } from './support/client.ts'
import { startRelay } from './support/installation.ts'

const OURS = 'https://app.example.org'

async function origins(url: string, origin: string) {
  const init = { headers: { origin } }
  const responses = await Promise.all(
    ['/v1/new', '/v1/go/nosuchtoken', '/socket.io/?EIO=4&transport=polling'].map((path) =>
      fetch(url + path, init),
    ),
  )
  return responses.map(({ headers }) => headers.get('access-control-allow-origin'))
}

test('allowed origins get CORS headers, Socket.IO’s too, and others none', async () => {
  await using relay = await startRelay({ allowedOrigins: [OURS] })
  expect(await origins(relay.url, OURS)).toEqual([OURS, OURS, OURS])
  expect(await origins(relay.url, 'https://evil.example.org')).toEqual([null, null, null])
})

test('without allowed origins nobody gets any', async () => {
  await using relay = await startRelay()
  expect(await origins(relay.url, OURS)).toEqual([null, null, null])
})

test('health, readiness and metrics are told', async () => {
  await using relay = await startRelay()
  await using client = await connect(relay.url, await relay.token())
  for (const path of ['/healthz', '/readyz']) expect((await fetch(relay.url + path)).status).toBe(200)
  const metrics = async () => (await fetch(`${relay.url}/metrics`)).text()
  expect(await metrics()).toMatch(/^relay_clients 1$/m)
  expect(await metrics()).toMatch(/^relay_dropped_total 0$/m)
  client.close()
  await expect.poll(metrics).toMatch(/^relay_clients 0$/m)
})

test.each(['websocket', 'polling'] as Transport[])(
  'an app that never listens works behind a gateway in its process, over %s',
  async (transport) => {
    await using stack = new AsyncDisposableStack()
    const database = stack.use(await openDatabase(await inMemory()))
    const broker = new MemoryBroker(new MemoryBus())
    const presence = new MemoryPresence(new MemoryPresenceStore(), broker.process)
    const config = readConfig({ LOG_LEVEL: 'silent' })
    const app = await createApp(config, { database, broker, presence, limits: memoryLimits({ on: true }) })
    await app.ready()
    const gateway = createServer()
    gateway.on('request', (request, response) => app.server.emit('request', request, response))
    gateway.on('upgrade', (request, socket, head) => app.server.emit('upgrade', request, socket, head))
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    const address = gateway.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const url = `http://127.0.0.1:${address.port}`

    const token = await (await fetch(`${url}/new`)).text()
    const client = await connect(url, token, { transport })
    client.answer(({ body }) => [200, { body }])
    const answer = await fetch(`${url}/go/${token}`, { method: 'POST', body: 'hello' })
    expect(await answer.json()).toEqual({ body: 'hello' })
    expect(answer.headers.get('content-security-policy')).toBe('sandbox')
    await app.close()
    await client.gone()
    gateway.closeAllConnections()
    gateway.close()
  },
)
