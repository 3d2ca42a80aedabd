import { type Database, openDatabase } from '@switchboard/kit/database'
import { inMemory } from '@switchboard/testing/pglite'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from './support/client.ts'
import { type Process, startRelay } from './support/installation.ts'

let database: Database
let relay: Process & AsyncDisposable
beforeAll(async () => {
  database = await openDatabase(await inMemory())
  relay = await startRelay({ database, limits: false, ackPatienceMs: 500 })
})
afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const delivery = (response: Response) => response.headers.get('x-relay-delivery')
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `/${from + index}`)

async function queue(token: string, paths: string[]): Promise<void> {
  for (const path of paths) expect(delivery(await relay.go(token, path))).toBe('queued')
}

/** What comes to a client that connects now and acknowledges everything, up to a request that is sent last. */
async function waiting(token: string): Promise<string[]> {
  await using client = await connect(relay.url, token)
  const paths: string[] = []
  const last = Promise.withResolvers<void>()
  client.answer(({ path }) => {
    paths.push(path)
    if (path === '/last') last.resolve()
    return [200, 'got it']
  })
  expect(await (await relay.go(token, '/last')).text()).toBe('got it')
  await last.promise
  return paths.slice(0, -1)
}

describe('a request for a client that is not connected', () => {
  test('is kept and delivered in order when it connects, before anything newer', async () => {
    const token = await relay.token()
    await queue(token, numbers(50))
    await using client = await connect(relay.url, token)
    const paths: string[] = []
    client.answer(({ path }) => {
      paths.push(path)
      return [200, `answer ${path}`]
    })
    const live = await Promise.all(numbers(20, 51).map(async (path) => (await relay.go(token, path)).text()))
    expect(live).toEqual(numbers(20, 51).map((path) => `answer ${path}`))
    expect(paths.slice(0, 50)).toEqual(numbers(50))
    expect(new Set(paths)).toEqual(new Set(numbers(70)))
  })

  test('is delivered whole', async () => {
    const token = await relay.token()
    const body = Buffer.from([0, 1, 254, 255])
    const headers = { 'content-type': 'application/octet-stream', 'x-name': 'G\u00fcn' }
    const before = Date.now()
    await relay.go(token, '/a?b=%00&b=c', { method: 'PUT', body, headers })
    const after = Date.now()
    await using client = await connect(relay.url, token)
    const { request } = await client.next()
    expect(request).toMatchObject({
      method: 'PUT',
      url: '/a?b=%00&b=c',
      query: { b: ['\u0000', 'c'] },
      rawBody: body.toString('base64'),
      headers: { 'x-name': 'G\u00fcn' },
    })
    expect(request.receivedAt).toBeGreaterThanOrEqual(before)
    expect(request.receivedAt).toBeLessThanOrEqual(after)
  })

  test('leaves the queue when it is acknowledged', async () => {
    const token = await relay.token()
    await queue(token, numbers(40))
    expect(await waiting(token)).toEqual(numbers(40))
    expect(await waiting(token)).toEqual([])
  })

  test('stays while it is not, and comes again with the same id', async () => {
    const token = await relay.token()
    await queue(token, ['/1', '/2', '/3'])
    const first = await connect(relay.url, token)
    const ids: string[] = []
    for (const path of ['/1', '/2', '/3']) {
      const { request, respond } = await first.next()
      ids.push(request.id)
      if (path !== '/2') respond(200)
    }
    // Its acknowledgements are in once an answer of its own comes back; '/2' has not got one by then.
    const answer = relay.go(token, '/4')
    ;(await first.next()).respond(200)
    await answer
    first.close()
    await using second = await connect(relay.url, token)
    const { request, respond } = await second.next()
    respond(200)
    expect([request.path, request.id]).toEqual(['/2', ids[1]])
    second.answer(() => [200, 'live'])
    expect(await (await relay.go(token)).text()).toBe('live')
    expect(second.drain()).toEqual([])
  })

  test('leaves it when it is written to a client that never acknowledges', async () => {
    const token = await relay.token()
    await queue(token, numbers(40))
    const first = await connect(relay.url, token)
    expect(await first.nextPaths(40)).toEqual(numbers(40))
    expect(delivery(await relay.go(token, '/41'))).toBe('delivered')
    expect(await first.nextPaths(1)).toEqual(['/41'])
    first.close()
    expect(await waiting(token)).toEqual([])
  })

  test('leaves it when it is acknowledged late', async () => {
    const token = await relay.token()
    await queue(token, ['/1', '/2'])
    await using client = await connect(relay.url, token)
    const [one, two] = [await client.next(), await client.next()]
    one.respond(200)
    // '/2' is given up once this is delivered; then its acknowledgement comes after all.
    const answer = relay.go(token, '/3')
    ;(await client.next()).respond(200)
    await answer
    two.respond(200)
    client.answer(() => [200])
    await relay.go(token, '/4')
    client.close()
    await expect.poll(() => waiting(token)).toEqual([])
  })
})

describe('a request that the client was given and has not acknowledged when it goes away', () => {
  test('is not lost: its answer says queued, and it comes again', async () => {
    const token = await relay.token()
    const first = await connect(relay.url, token)
    const answers = ['/1', '/2', '/3'].map((path) => relay.go(token, path))
    const ids = [await first.next(), await first.next(), await first.next()].map(({ request }) => request.id)
    first.close()
    expect((await Promise.all(answers)).map(delivery)).toEqual(['queued', 'queued', 'queued'])
    await using second = await connect(relay.url, token)
    const again = [await second.next(), await second.next(), await second.next()].map(
      ({ request }) => request.id,
    )
    expect(again).toEqual(ids)
  })

  test('is not lost where it came out of the queue', async () => {
    const token = await relay.token()
    await queue(token, numbers(30))
    const first = await connect(relay.url, token)
    await first.nextPaths(3)
    first.close()
    expect(await waiting(token)).toEqual(numbers(30))
  })

  test('goes to the client that displaced it', async () => {
    const token = await relay.token()
    const first = await connect(relay.url, token)
    const answer = relay.go(token, '/moved')
    await first.next()
    await using second = await connect(relay.url, token)
    const { request, respond } = await second.next()
    respond(200)
    expect(request.path).toBe('/moved')
    expect(delivery(await answer)).toBe('queued')
  })
})

test('a slow client’s requests wait for it without filling the memory, and none is lost', async () => {
  const token = await relay.token()
  const client = await connect(relay.url, token)
  const { engine } = client.socket.io as unknown as {
    engine: { transport: { ws: { _socket: import('node:net').Socket } } }
  }
  engine.transport.ws._socket.pause()
  const body = Buffer.alloc(1024 * 1024, 'x')
  const answers = await Promise.all(
    numbers(12).map((path) => relay.go(token, path, { method: 'POST', body })),
  )
  expect(answers.map(delivery)).toContain('queued')
  engine.transport.ws._socket.resume()
  const paths = new Set<string>()
  while (paths.size < 12) {
    const { request, respond } = await client.next()
    paths.add(request.path)
    respond(200)
  }
  expect(paths).toEqual(new Set(numbers(12)))
  client.close()
})

test('tokens and queued requests survive a restart', async () => {
  await using dir = await tempDir()
  let token: string
  {
    await using kept = await openDatabase({ url: undefined, directory: dir.path })
    await using first = await startRelay({ database: kept })
    token = await first.token()
    for (const path of numbers(5)) await first.go(token, path, { method: 'POST', body: path })
    await using client = await connect(first.url, token)
    const { request, respond } = await client.next()
    expect(request).toMatchObject({ path: '/1', body: '/1' })
    respond(200)
    client.answer(({ path }) => (path === '/3' ? ['no status', 'and', 'no headers'] : [200]))
    // Its answer is back, so the acknowledgements before it are in.
    await first.go(token, '/live')
  }
  await using kept = await openDatabase({ url: undefined, directory: dir.path })
  await using second = await startRelay({ database: kept })
  expect(delivery(await second.go(token, '/6'))).toBe('queued')
  await using client = await connect(second.url, token)
  expect(await client.nextPaths(2)).toEqual(['/3', '/6'])
})
