import { randomUUID } from 'node:crypto'
import { openDatabase } from '@switchboard/kit/database'
import { migrate } from '@switchboard/kit/migrate'
import { inMemory } from '@switchboard/testing/pglite'
import { livePostgres } from '@switchboard/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../src/store/client.ts'
import { createLinkStore } from '../src/store/links.ts'
import { createMessageStore } from '../src/store/messages.ts'
import { createRoomStore } from '../src/store/rooms.ts'
import { createWrites } from '../src/store/writes.ts'

const MIGRATIONS = { schema: 'chat', folder: new URL('../prisma/migrations/', import.meta.url) }
const TEN_SECONDS = 10_000

async function openStore(url: string | undefined) {
  const database = await openDatabase({ ...(await inMemory()), url })
  await migrate(database, MIGRATIONS)
  const client = createClient(database.adapter('chat'))
  return {
    rooms: createRoomStore(client),
    messages: createMessageStore(client),
    links: createLinkStore(client),
    writes: await createWrites({ client, database, now: Date.now }),
    async [Symbol.asyncDispose]() {
      await client.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}

const draft = (roomId: string, text = 'hello') => ({
  id: randomUUID(),
  roomId,
  sender: { id: 1, username: 'alice' },
  textJson: JSON.stringify(text),
  sent: 1_790_000_000_500,
})

const stack = new AsyncDisposableStack()
let url: string

beforeAll(async () => {
  url = await stack.use(await livePostgres()).createDatabase()
})
afterAll(() => stack.disposeAsync())

describe.each(['embedded', 'PostgreSQL'])('the store on %s', (where) => {
  let store: Awaited<ReturnType<typeof openStore>>
  const newRoom = () => store.rooms.findOrCreate(randomUUID(), randomUUID(), undefined)

  beforeAll(async () => {
    store = stack.use(await openStore(where === 'PostgreSQL' ? url : undefined))
  })

  it('makes a room once, however many ask for it at one time', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () => store.rooms.findOrCreate('__proto__', randomUUID(), undefined)),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(await store.rooms.byName('__proto__')).toEqual(made[0])
    expect(await store.rooms.byName('__PROTO__')).toBeUndefined()
  })

  it('numbers the messages of each room from 1 in the order they were given', async () => {
    const [a, b] = [await newRoom(), await newRoom()]
    const drafts = [draft(a.id), draft(b.id), draft(a.id), draft(b.id), draft(a.id)]
    const numbers = await store.writes.append(drafts, TEN_SECONDS)
    expect(drafts.map(({ id }) => numbers.get(id))).toEqual([1, 1, 2, 2, 3])
    const next = draft(a.id)
    expect((await store.writes.append([next], TEN_SECONDS)).get(next.id)).toBe(4)
    expect(await store.rooms.lastNumber(a.id)).toBe(4)
  })

  it('gives every text back as it was sent', async () => {
    const room = await newRoom()
    const texts = ['', '\u0000', '\ud800', '\udc00\ud800', '"\\"', '\u2028', 'Ζωή 😀', '{"a":1}', '\\u0000']
    await store.writes.append(
      texts.map((text) => draft(room.id, text)),
      TEN_SECONDS,
    )
    const found = await store.messages.newest({ roomId: room.id, count: 50 })
    expect(found.map(({ textJson }) => JSON.parse(textJson))).toEqual(texts)
    expect(found[0]?.createTime).toBe(1_790_000_000)
  })

  it('stores nothing that it gets to too late', async () => {
    const room = await newRoom()
    expect(await store.writes.append([draft(room.id)], -1)).toEqual(new Map())
    expect(await store.rooms.lastNumber(room.id)).toBe(0)
  })

  it('stores no message twice', async () => {
    const room = await newRoom()
    const once = draft(room.id)
    await store.writes.append([once], TEN_SECONDS)
    await expect(store.writes.append([draft(room.id), once], TEN_SECONDS)).rejects.toThrow()
    expect(await store.rooms.lastNumber(room.id)).toBe(1)
    expect(await store.writes.numbersOf([once.id, randomUUID()])).toEqual(new Map([[once.id, 1]]))
    await store.writes.remove([once.id])
    expect(await store.messages.byId(once.id)).toBeUndefined()
  })

  it('stores what a link posts once, however often it is tried, and answers the numbers of all of it', async () => {
    const room = await newRoom()
    const drafts = Array.from({ length: 4 }, (_, i) => ({
      ...draft(room.id, `${i}`),
      sender: { id: 0, username: 'bob@channels', via: 'channels' as const },
    }))
    const ids = drafts.map(({ id }) => id)
    await store.writes.appendOnce(drafts.slice(0, 2))
    const numbers = await store.writes.appendOnce(drafts)
    expect(ids.map((id) => numbers.get(id))).toEqual([1, 2, 3, 4])
    expect(await store.writes.appendOnce(drafts)).toEqual(numbers)
    expect(await store.rooms.lastNumber(room.id)).toBe(4)
    const found = await store.messages.newest({ roomId: room.id, count: 50 })
    expect(found.map(({ id }) => id)).toEqual(ids)
    expect(found[0]?.sender).toEqual({ id: 0, username: 'bob@channels', via: 'channels' })
  })

  it('gives a room to one of those who enter it at once, for good', async () => {
    const { name, id } = await newRoom()
    const entering = Array.from({ length: 10 }, (_, account) =>
      store.rooms.findOrCreate(name, randomUUID(), account + 1),
    )
    const owners = new Set((await Promise.all(entering)).map(({ owner }) => owner))
    expect(owners.size).toBe(1)
    expect(await store.rooms.findOrCreate(name, randomUUID(), 99)).toEqual({
      id,
      name,
      owner: [...owners][0],
    })
  })

  it('brings on what was said since a room was linked to a channel, from where that came to', async () => {
    const room = await newRoom()
    const said = (count: number) => Array.from({ length: count }, () => draft(room.id))
    await store.writes.append(said(3), TEN_SECONDS)
    const channel = (name: string) => ({
      id: randomUUID(),
      roomId: room.id,
      kind: 'channel' as const,
      target: name,
      shown: name,
    })
    expect(await store.links.add(channel('a'), 2)).toMatchObject({ made: true, link: { target: 'a' } })
    expect(await store.links.unfinished([room.id])).toEqual([])
    await store.writes.append(said(3), TEN_SECONDS)
    expect(await store.links.unfinished([room.id, randomUUID()])).toEqual([room.id])
    const numbers = async () => (await store.links.unforwarded(room.id, 10)).map(({ number }) => number)
    expect(await numbers()).toEqual([4, 5, 6])
    await store.links.forwarded(room.id, 5)
    await store.links.forwarded(room.id, 4)
    expect(await numbers()).toEqual([6])
    expect(await store.links.add(channel('a'), 2)).toMatchObject({ made: false })
    expect(await store.links.add(channel('b'), 2)).toMatchObject({ made: true })
    expect(await numbers()).toEqual([6])
    expect(await store.links.add(channel('c'), 2)).toBeUndefined()
  })

  it('answers what was missed, and says where there was more', async () => {
    const room = await newRoom()
    const drafts = Array.from({ length: 10 }, (_, index) => draft(room.id, `${index + 1}`))
    await store.writes.append(drafts, TEN_SECONDS)
    const idOf = (number: number) => drafts[number - 1]?.id ?? ''
    const missed = async (after: string, limit: number) => {
      const { messages, more } = await store.messages.missed(room.id, after, limit)
      return { numbers: messages.map(({ number }) => number), more }
    }
    expect(await missed(idOf(7), 3)).toEqual({ numbers: [8, 9, 10], more: false })
    expect(await missed(idOf(6), 3)).toEqual({ numbers: [8, 9, 10], more: true })
    expect(await missed(idOf(10), 3)).toEqual({ numbers: [], more: false })
    expect(await missed(randomUUID(), 3)).toEqual({ numbers: [8, 9, 10], more: true })
  })

  it('reads several rooms at once, each after its own number', async () => {
    const [a, b, c] = [await newRoom(), await newRoom(), await newRoom()]
    await store.writes.append(
      Array.from({ length: 9 }, (_, index) => draft((index % 2 ? a : b).id)),
      TEN_SECONDS,
    )
    const found = await store.messages.readAfter(
      [
        { roomId: a.id, after: 1 },
        { roomId: b.id, after: 0 },
        { roomId: c.id, after: 0 },
      ],
      2,
    )
    const numbers = (roomId: string) => found.get(roomId)?.map(({ number }) => number)
    expect(numbers(a.id)).toEqual([2, 3])
    expect(numbers(b.id)).toEqual([1, 2])
    expect(numbers(c.id)).toBeUndefined()
  })
})

it('numbers without gap or double when several processes write to the same rooms in any order', async () => {
  await using one = await openStore(url)
  await using two = await openStore(url)
  const rooms = await Promise.all(
    [1, 2, 3].map(() => one.rooms.findOrCreate(randomUUID(), randomUUID(), undefined)),
  )
  const batch = (turned: boolean) =>
    (turned ? rooms.toReversed() : rooms).flatMap(({ id }) => [draft(id), draft(id)])
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? one : two).writes.append(batch(index % 2 === 0), TEN_SECONDS),
    ),
  )
  for (const { id } of rooms) {
    const found = await one.messages.readAfter([{ roomId: id, after: 0 }], 500)
    expect(found.get(id)?.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1))
  }
})
