import { type Database, openDatabase } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient } from '../src/store/client.ts'
import { createQueueStore, type QueueStore } from '../src/store/queue.ts'
import { createTokenStore } from '../src/store/tokens.ts'

vi.setConfig({ hookTimeout: 60_000 })

const MIGRATIONS = { schema: 'relay', folder: new URL('../prisma/migrations/', import.meta.url) }

async function openServer(stack: AsyncDisposableStack): Promise<Database> {
  const postgres = stack.use(await livePostgres())
  return stack.use(await openDatabase({ url: await postgres.createDatabase(), directory: '' }))
}

const DATABASES = [
  {
    name: 'the embedded database',
    open: async (stack: AsyncDisposableStack) =>
      stack.use(await openDatabase({ url: undefined, directory: 'memory://' })),
  },
  ...(findServer('postgres') ? [{ name: 'a PostgreSQL server', open: openServer }] : []),
]

describe.each(DATABASES)('the queue in $name', ({ open }) => {
  const stack = new AsyncDisposableStack()
  let database: Database
  beforeAll(async () => {
    database = await open(stack)
    await migrate(database, MIGRATIONS)
  })
  const head = (bytes: number) => 'h'.repeat(bytes)
  let clock = 1_000_000
  const client = () => stack.adopt(createClient(database.adapter('relay')), (one) => one.$disconnect())

  function store(
    limits: { requests: number; bytes: number; totalBytes: number },
    dropped = (_: number) => {},
  ) {
    const own = client()
    return createQueueStore(own, { limits, now: () => clock, dropped })
  }
  async function token(name: string, expiresAt = clock + 1000): Promise<string> {
    const own = client()
    await createTokenStore(own).add(
      { token: name, maker: 'test', expiresAt },
      { most: Number.POSITIVE_INFINITY, now: clock },
    )
    return name
  }
  const heads = async (one: QueueStore, name: string) =>
    (await one.read(name, 0n, 10_000)).map((row) => row.head)
  afterAll(() => stack.disposeAsync())

  test('keeps the newest 1,000 requests of a token', async () => {
    const name = await token('thousand')
    let lost = 0
    const one = store({ requests: 1_000, bytes: 1e9, totalBytes: 1e9 }, (requests) => {
      lost += requests
    })
    await Promise.all(
      Array.from({ length: 1_005 }, (_, index) => one.append(name, { head: `${index}`, body: undefined })),
    )
    const kept = await heads(one, name)
    expect([kept.length, kept[0], kept.at(-1), lost]).toEqual([1_000, '5', '1004', 5])
  })

  test('keeps the newest bytes of a token', async () => {
    const name = await token('bytes')
    const one = store({ requests: 1_000, bytes: 100, totalBytes: 1e9 })
    for (const size of [10, 40, 40, 20]) await one.append(name, { head: head(size), body: undefined })
    expect((await heads(one, name)).map((text) => text.length)).toEqual([40, 40, 20])
    await one.append(name, { head: head(50), body: new Uint8Array(50) })
    expect((await heads(one, name)).map((text) => text.length)).toEqual([50])
  })

  test('keeps the newest bytes of all tokens together', async () => {
    const [first, second] = [await token('first'), await token('second')]
    const others = store({ requests: 1_000, bytes: 1e9, totalBytes: 1e9 })
    for (const name of ['thousand', 'bytes'])
      await others.remove((await others.read(name, 0n, 10_000)).map(({ seq }) => seq))
    const one = store({ requests: 1_000, bytes: 1e9, totalBytes: 100 })
    for (const size of [30, 31]) await one.append(first, { head: head(size), body: undefined })
    for (const size of [32, 33]) await one.append(second, { head: head(size), body: undefined })
    expect(await heads(one, first)).toEqual([head(31)])
    expect(await heads(one, second)).toEqual([head(32), head(33)])
    await one.append(first, { head: head(90), body: undefined })
    expect(await heads(one, second)).toEqual([])
    expect(await heads(one, first)).toEqual([head(90)])
  })

  test('takes nothing for a token that has ended, and lets go of what it had', async () => {
    const name = await token('ending', clock + 10)
    const one = store({ requests: 1_000, bytes: 1e9, totalBytes: 100 })
    expect(await one.append(name, { head: head(60), body: undefined })).toBe(true)
    clock += 11
    expect(await one.append(name, { head: head(1), body: undefined })).toBe(false)
    expect(await one.append('nosuchtoken', { head: head(1), body: undefined })).toBe(false)
    await one.sweep()
    expect(await heads(one, name)).toEqual([])
    // Its bytes are free again.
    const next = await token('next')
    for (const size of [50, 50]) await one.append(next, { head: head(size), body: undefined })
    expect((await heads(one, next)).length).toBe(2)
  })

  test('gives an address 1,000 living tokens at most', async () => {
    const own = client()
    const tokens = createTokenStore(own)
    const add = (name: string, expiresAt: number) =>
      tokens.add({ token: name, maker: 'many', expiresAt }, { most: 3, now: clock })
    for (const index of [3, 1, 2])
      expect(await add(`many${index}`, clock + index * 1_000)).toEqual({ added: true })
    expect(await add('many4', clock + 9_000)).toEqual({ added: false, firstEnds: clock + 1_000 })
    clock += 1_000
    expect(await add('many4', clock + 9_000)).toEqual({ added: true })
  })

  test('keeps the order and the count where two processes append at once', async () => {
    const name = await token('both', clock + 100_000)
    const limits = { requests: 50, bytes: 1e9, totalBytes: 1e9 }
    const stores = [store(limits), store(limits)]
    const appends = Array.from({ length: 200 }, (_, index) =>
      stores[index % 2]?.append(name, { head: `${index % 2} ${index}`, body: undefined }),
    )
    await Promise.all(appends)
    const kept = await heads(store(limits), name)
    expect(kept).toHaveLength(50)
    for (const process of ['0', '1']) {
      const own = kept.filter((text) => text.startsWith(process)).map((text) => Number(text.slice(2)))
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  test('gives back bytes and texts as they were', async () => {
    const name = await token('exact', clock + 100_000)
    const one = store({ requests: 10, bytes: 1e9, totalBytes: 1e9 })
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const text = JSON.stringify({ nul: '\u0000', lone: '\ud800', quote: "'\\" })
    await one.append(name, { head: text, body })
    const [kept] = await one.read(name, 0n, 1)
    expect(kept?.head).toBe(text)
    expect(Buffer.from(kept?.body ?? [])).toEqual(Buffer.from(body))
  })
})
