import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, GENERATIONS, type Generation, open, type Transport } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let relay: Process & AsyncDisposable
beforeAll(async () => {
  relay = await startRelay({ limits: false })
})
afterAll(() => relay[Symbol.asyncDispose]())

const kinds = (Object.keys(GENERATIONS) as Generation[]).flatMap((generation) =>
  (['websocket', 'polling'] as Transport[]).map((transport) => ({ generation, transport })),
)
const TEXT = 'Grüße, 日本 😀 \u2028 \u0000'

describe.each(kinds)('socket.io-client $generation over $transport', (kind) => {
  test.each(['', '/v1'])(
    'gets requests at %s/<token> and its acknowledgement is the answer',
    async (prefix) => {
      const token = await relay.token()
      await using client = await connect(relay.url, token, { ...kind, namespace: `${prefix}/${token}` })
      expect(client.socket.io.engine.transport.name).toBe(kind.transport)
      const answer = relay.go(token, '/a/b?q=1', { method: 'POST', body: TEXT })
      const { request, respond } = await client.next()
      expect(request).toMatchObject({ method: 'POST', path: '/a/b', params: { token, q: '1' }, body: TEXT })
      respond(201, { text: TEXT }, { 'X-Mine': 'yes' })
      const response = await answer
      expect(response.status).toBe(201)
      expect(response.headers.get('x-mine')).toBe('yes')
      expect(await response.json()).toEqual({ text: TEXT })
    },
  )

  test('answers with bytes', async () => {
    const token = await relay.token()
    await using client = await connect(relay.url, token, kind)
    client.answer(() => [200, Buffer.from([0, 255, 128])])
    const response = await relay.go(token)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128])
  })

  test('gets a request of 2 MiB and answers with as much', async () => {
    const token = await relay.token()
    await using client = await connect(relay.url, token, kind)
    const body = 'x'.repeat(2 * 1024 * 1024)
    client.answer(({ body }) => [200, body])
    const response = await relay.go(token, '', { method: 'POST', body })
    expect((await response.text()).length).toBe(body.length)
  })

  test('is refused with an unknown token', async () => {
    const client = open(relay.url, '/unknowntoken0123456789abcd', kind)
    await expect(client.connected).rejects.toThrow('Invalid namespace')
    client.close()
  })

  test('is refused where the namespace is no token', async () => {
    const client = open(relay.url, '/No/Token', kind)
    await expect(client.connected).rejects.toThrow('Invalid namespace')
    client.close()
  })
})

test('a client that starts with polling and changes to WebSocket loses nothing', async () => {
  const token = await relay.token()
  await using client = await connect(relay.url, token, { options: { transports: ['polling', 'websocket'] } })
  const { engine } = client.socket.io
  const upgraded = new Promise<void>((resolve) => {
    if (engine.transport.name === 'websocket') resolve()
    else engine.once('upgrade', resolve)
  })
  client.answer(({ path }) => [200, path])
  const paths = Array.from({ length: 50 }, (_, index) => `/${index}`)
  const texts = await Promise.all(paths.map(async (path) => (await relay.go(token, path)).text()))
  expect(texts).toEqual(paths)
  await upgraded
  expect(await (await relay.go(token, '/after')).text()).toBe('/after')
})
