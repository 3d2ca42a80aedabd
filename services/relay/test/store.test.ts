import { openDatabase } from '@switchboard/kit/database'
import { redisConnector } from '@switchboard/kit/redis'
import { inMemory } from '@switchboard/testing/pglite'
import { livePostgres } from '@switchboard/testing/postgres'
import { liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openStore, type StoreParts } from '../src/store/open.ts'
import type { QueueLimits, QueueStore, TokenStore } from '../src/store/store.ts'

vi.setConfig({ hookTimeout: 60_000 })

const PLACES = [
  {
    name: 'the embedded database',
    isThere: true,
    open: async (stack: AsyncDisposableStack): Promise<StoreParts> => ({
      database: stack.use(await openDatabase(await inMemory())),
    }),
  },
  {
    name: 'a PostgreSQL server',
    isThere: findServer('postgres') !== undefined,
    async open(stack: AsyncDisposableStack): Promise<StoreParts> {
      const postgres = stack.use(await livePostgres())
      const url = await postgres.createDatabase()
      return { database: stack.use(await openDatabase({ url, directory: '' })) }
    },
  },
  {
    name: 'Redis',
    isThere: findServer('redis-server') !== undefined,
    open: async (stack: AsyncDisposableStack): Promise<StoreParts> => ({
      connect: redisConnector(stack.use(await liveRedis()).url),
    }),
  },
]

describe.each(PLACES)('the store in $name', ({ open, isThere }) => {
  if (!isThere) return void test.skip('is not installed', () => {})
  const stack = new AsyncDisposableStack()
  let parts: StoreParts
  let tokens: TokenStore
  beforeAll(async () => {
    parts = await open(stack)
    tokens = (await opened(WIDE)).tokens
  })
  const head = (bytes: number) => 'h'.repeat(bytes)
  let clock = 1_000_000

  /** The store as one more process has it. */
  async function opened(limits: QueueLimits, dropped = (_: number) => {}) {
    return stack.adopt(await openStore(parts, { limits, now: () => clock, dropped }), (one) => one.close())
  }
  const WIDE = { requests: 1_000, bytes: 1e9, totalBytes: 1e9 }
  const store = async (limits: QueueLimits, dropped?: (requests: number) => void) =>
    (await opened(limits, dropped)).queue

  async function token(name: string, expiresAt = clock + 1000): Promise<string> {
    await tokens.add(
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
    const one = await store(WIDE, (requests) => {
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
    const one = await store({ requests: 1_000, bytes: 100, totalBytes: 1e9 })
    for (const size of [10, 40, 40, 20]) await one.append(name, { head: head(size), body: undefined })
    expect((await heads(one, name)).map((text) => text.length)).toEqual([40, 40, 20])
    await one.append(name, { head: head(50), body: new Uint8Array(50) })
    expect((await heads(one, name)).map((text) => text.length)).toEqual([50])
  })

  test('keeps the newest bytes of all tokens together', async () => {
    const [first, second] = [await token('first'), await token('second')]
    const others = await store(WIDE)
    for (const name of ['thousand', 'bytes'])
      await others.remove(
        name,
        (await others.read(name, 0n, 10_000)).map(({ seq }) => seq),
      )
    const one = await store({ requests: 1_000, bytes: 1e9, totalBytes: 100 })
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
    const one = await store({ requests: 1_000, bytes: 1e9, totalBytes: 100 })
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
    const add = (name: string, expiresAt: number) =>
      tokens.add({ token: name, maker: 'many', expiresAt }, { most: 3, now: clock })
    for (const index of [3, 1, 2])
      expect(await add(`many${index}`, clock + index * 1_000)).toEqual({ added: true })
    expect(await add('many4', clock + 9_000)).toEqual({ added: false, firstEnds: clock + 1_000 })
    clock += 1_000
    expect(await add('many4', clock + 9_000)).toEqual({ added: true })
  })

  test('refreshes living tokens only, also for who counts them', async () => {
    const add = (name: string, expiresAt: number) =>
      tokens.add({ token: name, maker: 'once', expiresAt }, { most: 1, now: clock })
    expect(await add('once1', clock + 10)).toEqual({ added: true })
    expect(await tokens.find('once1', clock)).toBe(clock + 10)
    expect(await tokens.refresh('once1', { expiresAt: clock + 20, now: clock })).toBe(true)
    clock += 10
    expect(await add('once2', clock + 10)).toEqual({ added: false, firstEnds: clock + 10 })
    clock += 10
    expect(await tokens.find('once1', clock)).toBe(undefined)
    expect(await tokens.refresh('once1', { expiresAt: clock + 20, now: clock })).toBe(false)
    expect(await tokens.refresh('nosuchtoken', { expiresAt: clock + 20, now: clock })).toBe(false)
    expect(await add('once2', clock + 10)).toEqual({ added: true })
  })

  test('removes what is acknowledged, once, and no other token’s', async () => {
    const [mine, other] = [await token('mine'), await token('other')]
    const one = await store({ requests: 1_000, bytes: 1e9, totalBytes: 100 })
    await one.sweep()
    for (const name of [mine, other]) await one.append(name, { head: head(20), body: undefined })
    const [first] = await one.read(mine, 0n, 1)
    await one.remove(other, [first?.seq ?? 0n])
    await one.remove(mine, [first?.seq ?? 0n, 1n])
    await one.remove(mine, [first?.seq ?? 0n])
    expect([await heads(one, mine), await heads(one, other)]).toEqual([[], [head(20)]])
    // Its bytes are free again, once.
    await one.append(mine, { head: head(80), body: undefined })
    expect([await heads(one, mine), await heads(one, other)]).toEqual([[head(80)], [head(20)]])
    await one.append(mine, { head: head(1), body: undefined })
    expect([await heads(one, mine), await heads(one, other)]).toEqual([[head(80), head(1)], []])
  })

  test('keeps the order and the count where two processes append at once', async () => {
    const name = await token('both', clock + 100_000)
    const limits = { requests: 50, bytes: 1e9, totalBytes: 1e9 }
    const stores = [await store(limits), await store(limits)]
    const appends = Array.from({ length: 200 }, (_, index) =>
      stores[index % 2]?.append(name, { head: `${index % 2} ${index}`, body: undefined }),
    )
    await Promise.all(appends)
    const kept = await heads(await store(limits), name)
    expect(kept).toHaveLength(50)
    for (const process of ['0', '1']) {
      const own = kept.filter((text) => text.startsWith(process)).map((text) => Number(text.slice(2)))
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  test('gives back bytes and texts as they were', async () => {
    const name = await token('exact', clock + 100_000)
    const one = await store({ requests: 10, bytes: 1e9, totalBytes: 1e9 })
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const text = JSON.stringify({ nul: '\u0000', lone: '\ud800', quote: "'\\" })
    await one.append(name, { head: text, body })
    const [kept] = await one.read(name, 0n, 1)
    expect(kept?.head).toBe(text)
    expect(Buffer.from(kept?.body ?? [])).toEqual(Buffer.from(body))
  })
})
