import { type Database, openDatabase } from '@switchboard/kit/database'
import { inMemory } from '@switchboard/testing/pglite'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from './support/client.ts'
import { Installation, type InstallationOptions, type Process } from './support/installation.ts'

const delivery = (response: Response) => response.headers.get('x-relay-delivery')

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())
let embedded: Promise<Database> | undefined

/** In memory, with one embedded database for all. */
async function onMemory(): Promise<InstallationOptions> {
  embedded ??= inMemory()
    .then(openDatabase)
    .then((one) => stack.use(one))
  return { database: await embedded }
}

let installation: Installation
let one: Process
let two: Process

async function startTwo(options: InstallationOptions): Promise<void> {
  installation = new Installation({ ...options, limits: false, ackPatienceMs: 700 })
  one = await installation.start()
  two = await installation.start()
}

const PLACES = [
  { name: 'on an embedded database and a bus in memory', isThere: true, open: onMemory },
  {
    name: 'on Redis',
    isThere: findServer('redis-server') !== undefined,
    open: async (): Promise<InstallationOptions> => ({ redis: stack.use(await liveRedis()).url }),
  },
]

describe.each(PLACES)('two processes $name', ({ open, isThere }) => {
  if (!isThere) return void test.skip('which is not installed', () => {})
  beforeAll(async () => startTwo(await open()))
  afterAll(() => installation[Symbol.asyncDispose]())

  test('a token made by one process is good in another', async () => {
    const token = await one.token()
    expect((await fetch(`${two.url}/v1/refresh/${token}`)).status).toBe(200)
    await using client = await connect(two.url, token)
    client.answer(() => [200, 'here'])
    expect(await (await two.go(token)).text()).toBe('here')
  })

  test('a request that another process gets reaches the client, and its acknowledgement is the answer', async () => {
    const token = await one.token()
    await using client = await connect(one.url, token)
    const bytes = Buffer.from([0, 255, 10, 13])
    client.answer(({ method, url, rawBody }) => [
      201,
      Buffer.from(rawBody ?? '', 'base64'),
      { 'x-seen': `${method} ${url}`, vary: ['a', 'b'] },
    ])
    const response = await two.go(token, '/far?away=1', { method: 'POST', body: bytes })
    expect(response.status).toBe(201)
    expect([response.headers.get('x-seen'), response.headers.get('vary')]).toEqual([
      'POST /far?away=1',
      'a, b',
    ])
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
    expect(delivery(response)).toBe('delivered')
  })

  test('a request without a body has none in the other process either', async () => {
    const token = await one.token()
    await using client = await connect(one.url, token)
    client.answer((request) => [200, Object.keys(request)])
    const keys = (await (await two.go(token)).json()) as string[]
    expect(keys).not.toContain('body')
    expect(keys).not.toContain('rawBody')
  })

  test('a client that does not acknowledge: OK after the time, at once the next time', async () => {
    const token = await one.token()
    await using client = await connect(one.url, token)
    const first = await two.go(token)
    expect([first.status, await first.text(), delivery(first)]).toEqual([200, 'OK', 'delivered'])
    const start = performance.now()
    expect(delivery(await two.go(token))).toBe('delivered')
    expect(performance.now() - start).toBeLessThan(600)
    expect((await client.nextPaths(2)).length).toBe(2)
  })

  test('a second connection displaces the first, across processes and with /v1 or without', async () => {
    const token = await one.token()
    await using first = await connect(one.url, token)
    await using second = await connect(two.url, token, { namespace: `/v1/${token}` })
    await first.gone()
    second.answer(() => [200, 'second'])
    for (const process of [one, two]) expect(await (await process.go(token)).text()).toBe('second')
    await using third = await connect(one.url, token)
    await second.gone()
    third.answer(() => [200, 'third'])
    for (const process of [one, two]) expect(await (await process.go(token)).text()).toBe('third')
  })

  test('what a displaced client was given and had not acknowledged comes before anything newer', async () => {
    const token = await one.token()
    await using first = await connect(one.url, token)
    const older = [one.go(token, '/old'), two.go(token, '/old')]
    await first.nextPaths(2)
    const connecting = connect(two.url, token)
    await first.gone()
    // Its process is still putting them into the queue.
    const newer = two.go(token, '/new')
    await using second = await connecting
    const paths: string[] = []
    second.answer(({ path }) => {
      paths.push(path)
      return [200, path]
    })
    expect(await (await newer).text()).toBe('/new')
    expect(paths).toEqual(['/old', '/old', '/new'])
    expect((await Promise.all(older)).map(delivery)).toEqual(['queued', 'queued'])
  })

  test('a second connection displaces the first in one process, whichever namespace it chose', async () => {
    const token = await one.token()
    await using first = await connect(one.url, token, { namespace: `/v1/${token}` })
    await using second = await connect(one.url, token)
    await first.gone()
    second.answer(() => [200, 'second'])
    expect(await (await one.go(token)).text()).toBe('second')
  })

  test('a client that goes away frees its slot: what comes then is queued, in whichever process', async () => {
    const token = await one.token()
    const client = await connect(one.url, token)
    client.close()
    await expect.poll(async () => delivery(await two.go(token, '/early'))).toBe('queued')
    expect(delivery(await two.go(token, '/a'))).toBe('queued')
    expect(delivery(await one.go(token, '/b'))).toBe('queued')
    await using next = await connect(one.url, token)
    const paths: string[] = []
    const both = Promise.withResolvers<void>()
    next.answer(({ path }) => {
      if (path !== '/early') paths.push(path)
      if (paths.length === 2) both.resolve()
      return [200]
    })
    await both.promise
    expect(paths).toEqual(['/a', '/b'])
  })

  test('a request whose client goes away before it acknowledges is queued, and says so to the other process', async () => {
    const token = await one.token()
    const client = await connect(one.url, token)
    const answer = two.go(token, '/unfinished')
    const { request } = await client.next()
    client.close()
    expect(delivery(await answer)).toBe('queued')
    await using next = await connect(two.url, token)
    expect((await next.next()).request.id).toBe(request.id)
  })

  test('connections from many at once leave exactly one', async () => {
    const token = await one.token()
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, index) => connect((index % 2 ? one : two).url, token)),
    )
    for (const [index, client] of clients.entries()) client.answer(() => [200, `${index}`])
    let gone = 0
    for (const client of clients) void client.disconnected.then(() => gone++)
    await expect.poll(() => gone).toBe(19)
    const answers = [await one.go(token), await two.go(token)].map((response) => response.text())
    const [a, b] = await Promise.all(answers)
    expect(a).toBe(b)
    expect(a).toMatch(/^\d+$/)
    for (const client of clients) client.close()
  })
})

describe('two processes, of which one is lost to the other', () => {
  beforeEach(async () => startTwo(await onMemory()))
  afterEach(() => installation[Symbol.asyncDispose]())

  test('a process that dies: requests for its client are queued, and the client may come to another', async () => {
    const token = await one.token()
    await using client = await connect(one.url, token)
    await one.crash()
    expect(delivery(await two.go(token, '/after'))).toBe('queued')
    await using next = await connect(two.url, token)
    expect(await next.nextPaths(1)).toEqual(['/after'])
    client.close()
  })

  test('a process that is gone but still has the slot: the request is queued rather than lost', async () => {
    const token = await one.token()
    await using client = await connect(one.url, token)
    // Its lease has not run out; only the bus does not bring it anything any more.
    installation.bus.down()
    const response = await two.go(token, '/nobody')
    installation.bus.up()
    expect(delivery(response)).toBe('queued')
    client.close()
  })

  test('two connections while the bus was away: one of them is left when it is back', async () => {
    const token = await one.token()
    await using first = await connect(one.url, token)
    installation.bus.down()
    await using second = await connect(two.url, token)
    installation.bus.up()
    await first.gone()
    second.answer(() => [200, 'second'])
    expect(await (await two.go(token)).text()).toBe('second')
  })
})

test('a token that another process refreshed does not end with the client’s process', async () => {
  const short = new Installation({ ...(await inMemory()), limits: false, tokenTtlSeconds: 3 })
  const here = await short.start()
  const there = await short.start()
  const token = await here.token()
  await using client = await connect(here.url, token)
  client.answer(() => [200, 'alive'])
  const ends = performance.now() + 3_000
  const timer = setInterval(() => void fetch(`${there.url}/v1/refresh/${token}`), 500)
  await expect.poll(() => performance.now() > ends + 1_500, { timeout: 10_000, interval: 100 }).toBe(true)
  clearInterval(timer)
  expect(await (await there.go(token)).text()).toBe('alive')
  await client.gone()
  expect((await there.go(token)).status).toBe(404)
  await short[Symbol.asyncDispose]()
})
