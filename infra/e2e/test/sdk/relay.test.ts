import { fileURLToPath } from 'node:url'
import { openRelay, type Relay, type RelayRequest } from '@switchboard/sdk/relay'
import { type Line, lineTo } from '@switchboard/testing/line'
import { freePort } from '@switchboard/testing/port'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../../../services/relay/src/main.ts', import.meta.url))

let running: Running
let dir: Awaited<ReturnType<typeof tempDir>>

let env: Record<string, string>

beforeAll(async () => {
  dir = await tempDir()
  env = { DATA_DIR: dir.path, LOG_LEVEL: 'warn', PORT: `${await freePort()}` }
  running = await start(MAIN, env)
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await dir[Symbol.asyncDispose]()
})

const delivery = (response: Response) => response.headers.get('x-relay-delivery')

/** One after the other, so that their order is known. */
async function callEach(url: string, paths: string[]): Promise<void> {
  for (const path of paths) expect((await fetch(`${url}${path}`)).status).toBe(200)
}

async function next(iterator: AsyncIterator<RelayRequest, undefined>): Promise<RelayRequest> {
  const { value } = await iterator.next()
  if (!value) throw new Error('there is no further request')
  return value
}

/** Answers each of the next requests with nothing. */
async function nextPaths(iterator: AsyncIterator<RelayRequest, undefined>, count: number): Promise<string[]> {
  const paths: string[] = []
  while (paths.length < count) {
    const request = await next(iterator)
    request.answer()
    paths.push(request.path)
  }
  return paths
}

/** The relay's URL, asked directly, whatever happens to the line that the client has. */
const directly = (relay: Relay) => `${running.url}/v1/go/${relay.token}`

async function openOverLine(line: Line, options: { token?: string } = {}): Promise<Relay> {
  const relay = await openRelay({ url: `http://127.0.0.1:${line.port}`, ...options })
  await relay.opened
  return relay
}

const becomes = (relay: Relay, wanted: string) =>
  new Promise<void>((resolve) => relay.on('state', ({ state }) => state === wanted && resolve()))

describe('a request to the public URL', () => {
  test('comes as an event, and the answer is the caller’s', async () => {
    const relay = await openRelay({ url: running.url })
    relay.on('request', (request) =>
      request.answer({
        status: 201,
        body: { path: request.path, params: request.params, body: request.body },
        headers: { 'x-mine': 'yes', vary: ['accept', 'origin'] },
      }),
    )
    await relay.opened
    const response = await fetch(`${relay.url}/hooks/push?a=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"pushed":true}',
    })
    expect([response.status, delivery(response), response.headers.get('x-mine')]).toEqual([
      201,
      'delivered',
      'yes',
    ])
    expect(response.headers.get('vary')).toBe('accept, origin')
    expect(await response.json()).toEqual({
      path: '/hooks/push',
      params: { token: relay.token, a: '1', pushed: true },
      body: { pushed: true },
    })
    relay.close()
  })

  test('comes out of the iterator, byte for byte, and bytes go back', async () => {
    const relay = await openRelay({ url: running.url })
    const sent = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const iterator = relay[Symbol.asyncIterator]()
    await relay.opened
    const answered = fetch(relay.url, { method: 'PUT', body: sent })
    const request = await next(iterator)
    expect([request.method, request.url, request.bytes]).toEqual(['PUT', '/', sent])
    request.answer({ body: request.bytes, headers: { 'content-type': 'image/png' } })
    const response = await answered
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(sent)
    relay.close()
  })

  test('that came before the client is there when it is', async () => {
    const first = await openRelay({ url: running.url })
    first.close()
    await first.closed
    await callEach(first.url, ['/1', '/2', '/3'])
    const relay = await openRelay({ url: running.url, token: first.token })
    expect(relay.url).toBe(first.url)
    expect(await nextPaths(relay[Symbol.asyncIterator](), 3)).toEqual(['/1', '/2', '/3'])
    relay.close()
  })

  test('with an answer that cannot be is still answered by the next that can', async () => {
    const relay = await openRelay({ url: running.url })
    const iterator = relay[Symbol.asyncIterator]()
    await relay.opened
    const response = fetch(relay.url)
    const request = await next(iterator)
    expect(() => request.answer({ status: 99 })).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }))
    for (const headers of [{ 'a b': 'c' }, { a: 'line\nfeed' }, { a: '☃' }] as Record<string, string>[])
      expect(() => request.answer({ headers })).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }))
    for (const body of ['x'.repeat(2 ** 21 + 1), new Uint8Array(2 ** 21 + 1), '"'.repeat(2 ** 21)])
      expect(() => request.answer({ body })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    request.answer({ status: 418 })
    request.answer({ status: 200 })
    expect((await response).status).toBe(418)
    relay.close()
  })

  test('may be answered with all that the relay takes', async () => {
    const relay = await openRelay({ url: running.url })
    const bodies = ['x'.repeat(2 ** 21), new Uint8Array(2 ** 21), '"'.repeat(1_900_000)]
    relay.on('request', (request) => request.answer({ body: bodies[Number(request.query['n'])] }))
    await relay.opened
    for (const [n, body] of bodies.entries()) {
      const response = await fetch(`${relay.url}?n=${n}`)
      expect((await response.arrayBuffer()).byteLength).toBe(body.length)
    }
    expect(relay.state).toBe('open')
    relay.close()
  })
})

describe('when the network goes', () => {
  test('requests come after it in their order, each once, whatever was answered before', async () => {
    await using line = await lineTo(Number(new URL(running.url).port))
    const relay = await openOverLine(line)
    const iterator = relay[Symbol.asyncIterator]()
    const responses = ['/1', '/2'].map((path) => fetch(directly(relay) + path))
    const [first, second] = [await next(iterator), await next(iterator)]
    const lost = becomes(relay, 'waiting')
    line.cut()
    await lost
    for (const response of await Promise.all(responses)) expect(delivery(response)).toBe('queued')
    first.answer()
    await callEach(directly(relay), ['/3', '/4'])
    const back = becomes(relay, 'open')
    line.mend()
    await back
    second.answer()
    // The first two are delivered again, and known.
    const fifth = callEach(directly(relay), ['/5'])
    expect(await nextPaths(iterator, 3)).toEqual(['/3', '/4', '/5'])
    await fifth
    relay.close()
  })

  test('an answer from before it reaches nobody else', async () => {
    await using line = await lineTo(Number(new URL(running.url).port))
    const relay = await openOverLine(line)
    const iterator = relay[Symbol.asyncIterator]()
    void fetch(`${directly(relay)}/before`)
    const before = await next(iterator)
    // The first delivery of either connection: to Socket.IO they have the same number.
    const third = becomes(relay, 'open')
    line.cut()
    line.mend()
    before.answer({ body: 'before' })
    await third
    const response = fetch(`${directly(relay)}/after`)
    const after = await next(iterator)
    after.answer({ body: 'after' })
    expect([after.path, await (await response).text()]).toEqual(['/after', 'after'])
    relay.close()
  })

  test('by kill -9 of the server, the same', async () => {
    const relay = await openRelay({ url: running.url })
    const iterator = relay[Symbol.asyncIterator]()
    await relay.opened
    const lost = becomes(relay, 'waiting')
    await running.stop('SIGKILL')
    await lost
    running = await start(MAIN, env)
    await callEach(directly(relay), ['/1', '/2'])
    expect(await nextPaths(iterator, 2)).toEqual(['/1', '/2'])
    relay.close()
  }, 60_000)
})

describe('a token', () => {
  const BRIEF = { RELAY_TOKEN_TTL_SECONDS: '4', LOG_LEVEL: 'warn' }

  test('is refreshed before it runs out; without that, the relay ends with NOT_FOUND', async () => {
    await using home = await tempDir()
    await using brief = await start(MAIN, { ...BRIEF, DATA_DIR: home.path })
    const [kept, left] = await Promise.all(
      [250, 60_000].map((refreshMs) => openRelay({ url: brief.url, refreshMs })),
    )
    if (!kept || !left) throw new Error('no relays')
    expect(await left.closed).toMatchObject({ code: 'NOT_FOUND', retryable: false })
    await expect(left[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    kept.on('request', (request) => request.answer({ status: 202 }))
    expect((await fetch(kept.url)).status).toBe(202)
    expect((await fetch(left.url)).status).toBe(404)
    kept.close()
  }, 60_000)

  test('that nobody knows is refused', async () => {
    const opening = openRelay({ url: running.url, token: 'a'.repeat(26) })
    await expect(opening).rejects.toMatchObject({ name: 'ServerError', code: 'NOT_FOUND', status: 404 })
  })

  test('that another client connects with is that one’s: the first ends, and does not come back', async () => {
    const first = await openRelay({ url: running.url })
    await first.opened
    const second = await openRelay({ url: running.url, token: first.token })
    expect(await first.closed).toMatchObject({ code: 'DISPLACED', retryable: false })
    second.on('request', (request) => request.answer({ status: 202 }))
    expect((await fetch(second.url)).status).toBe(202)
    second.close()
  })
})

describe('an end', () => {
  test('by close() is quiet', async () => {
    const relay = await openRelay({ url: running.url })
    await relay.opened
    const reading = relay[Symbol.asyncIterator]().next()
    relay.close()
    expect(await reading).toEqual({ value: undefined, done: true })
    expect([await relay.closed, relay.state]).toEqual([undefined, 'closed'])
  })

  test('by a signal rejects with its reason', async () => {
    const stop = new AbortController()
    const relay = await openRelay({ url: running.url, signal: stop.signal })
    const reading = relay[Symbol.asyncIterator]().next()
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await expect(openRelay({ url: running.url, signal: stop.signal })).rejects.toThrow('enough')
  })

  test('leaves what was not answered for the next one', async () => {
    const relay = await openRelay({ url: running.url })
    const iterator = relay[Symbol.asyncIterator]()
    await relay.opened
    const response = fetch(`${relay.url}/unanswered`)
    await next(iterator)
    relay.close()
    expect(delivery(await response)).toBe('queued')
    const successor = await openRelay({ url: running.url, token: relay.token })
    expect(await nextPaths(successor[Symbol.asyncIterator](), 1)).toEqual(['/unanswered'])
    successor.close()
  })
})
