import type { ServerResponse } from 'node:http'
import { listen } from '@switchboard/testing/listen'
import { connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { createServer } from '../src/server.ts'
import { acceptWebSockets, refusePlainRequest } from '../src/websocket.ts'

async function echo() {
  const sockets: { close(code: number): void }[] = []
  const responses: ServerResponse[] = []
  const app = await createServer({
    name: 'test',
    config: { logLevel: 'silent', trustedProxies: ['loopback'], allowedOrigins: [] },
    errorBody: ({ message }) => ({ error: message }),
    needs: {},
  })
  await acceptWebSockets(app, {
    maxPayload: 100,
    async close() {
      for (const socket of sockets) socket.close(1012)
    },
  })
  app.route({
    method: 'GET',
    url: '/echo',
    async preHandler(request, reply) {
      refusePlainRequest(request)
      responses.push(reply.raw)
    },
    handler: () => {},
    wsHandler(ws) {
      sockets.push(ws)
      ws.on('message', (data) => ws.send(data.toString()))
      ws.on('error', () => {})
    },
  })
  return Object.assign(await listen(app), { responses })
}

test('the first subprotocol that is offered is echoed', async () => {
  await using live = await echo()
  await using client = await connect(`${live.wsUrl}/echo`, { protocols: ['one', 'two'] })
  expect(client.ws.protocol).toBe('one')
})

test('a frame that is too large is told so with 1009, and no frame is compressed', async () => {
  await using live = await echo()
  await using client = await connect(`${live.wsUrl}/echo`)
  expect(client.ws.extensions).toBe('')
  client.send('x'.repeat(101))
  expect((await client.closed).code).toBe(1009)
})

test('a shutdown closes with the service’s own code', async () => {
  const live = await echo()
  const client = await connect(`${live.wsUrl}/echo`)
  client.send('here')
  await client.next()
  await live[Symbol.asyncDispose]()
  expect((await client.closed).code).toBe(1012)
})

test('an ordinary request is 426', async () => {
  await using live = await echo()
  expect((await fetch(`${live.url}/echo`)).status).toBe(426)
})

test('an open connection keeps nothing of the response that there will never be', async () => {
  await using live = await echo()
  await using client = await connect(`${live.wsUrl}/echo`)
  client.send('here')
  await client.next()
  expect(live.responses.map(({ socket }) => socket)).toEqual([null])
})
