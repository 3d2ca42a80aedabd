import { describe, expect, it } from 'vitest'
import type { Draft } from '../../src/domain/rooms/message.ts'
import { newSender, type Sender } from '../../src/domain/rooms/sender.ts'
import { type Stored, Writer } from '../../src/domain/rooms/writer.ts'
import { FakeClock, settled } from './fake-clock.ts'

type Failure = 'refused' | 'stored but unanswered' | 'stored late'

/** A store whose answers the test decides. */
function fakeStore() {
  const rows = new Map<string, { draft: Draft; number: number }>()
  const batches: string[][] = []
  const late: (() => void)[] = []
  let failing: Failure | undefined
  let hang: Promise<void> | undefined

  function store(drafts: readonly Draft[]): Map<string, number> {
    if (drafts.some(({ id }) => rows.has(id))) throw new Error('stored already')
    const numbers = new Map<string, number>()
    for (const draft of drafts) {
      const number = 1 + [...rows.values()].filter((row) => row.draft.roomId === draft.roomId).length
      rows.set(draft.id, { draft, number })
      numbers.set(draft.id, number)
    }
    return numbers
  }

  return {
    rows,
    batches,
    fail(how: Failure | undefined) {
      failing = how
    },
    hangUntil(promise: Promise<void>) {
      hang = promise
    },
    /** The database gets to what it was asked long ago. */
    actLate() {
      for (const act of late.splice(0)) act()
    },
    async append(drafts: readonly Draft[], withinMs: number) {
      batches.push(drafts.map(({ textJson }) => textJson))
      if (hang) await hang
      if (failing === 'stored late')
        late.push(() => {
          if (!drafts.some(({ id }) => rows.has(id))) store(drafts)
        })
      if (failing === 'stored but unanswered') store(drafts)
      if (failing) throw new Error(failing)
      return withinMs > 0 ? store(drafts) : new Map<string, number>()
    },
    async numbersOf(ids: readonly string[]) {
      if (failing) throw new Error(failing)
      return new Map(
        ids.flatMap((id) => {
          const row = rows.get(id)
          return row ? [[id, row.number] as const] : []
        }),
      )
    },
    async remove(ids: readonly string[]) {
      if (failing) throw new Error(failing)
      for (const id of ids) rows.delete(id)
    },
  }
}

function setUp() {
  const clock = new FakeClock()
  const store = fakeStore()
  const seen: Stored[] = []
  const errors: unknown[] = []
  /** Milliseconds by room. */
  const rests = new Map<string, number>()
  const writer = new Writer({
    store,
    clock,
    unseenMs: (roomId) => rests.get(roomId) ?? 0,
    onStored: (messages) => seen.push(...messages),
    onError: (error) => errors.push(error),
  })
  let ids = 0
  const offer = (sender: Sender, text: string, bytes = 100, roomId = 'room') =>
    writer.add(
      sender,
      { id: `id${++ids}`, roomId, sender: { id: 1, username: 'alice' }, textJson: text, sent: clock.now() },
      bytes,
    )
  const say = (...what: Parameters<typeof offer>): void => void offer(...what)
  const gone: string[] = []
  const newNamed = (name: string) => newSender(() => void gone.push(name))
  const texts = () => seen.map(({ draft }) => draft.textJson)
  const inStore = () => [...store.rows.values()].map(({ draft }) => draft.textJson)
  return { clock, store, rests, seen, errors, writer, offer, say, gone, newNamed, texts, inStore }
}

describe('the writer', () => {
  it('stores what one turn brings with one write, and what comes during it with the next', async () => {
    const { store, say, newNamed, texts, writer } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    const [alice, bob] = [newNamed('alice'), newNamed('bob')]
    say(alice, 'a1')
    say(bob, 'b1')
    await settled()
    say(alice, 'a2')
    say(alice, 'a3')
    expect(writer.waiting).toBe(4)
    resolve()
    await settled()
    expect(store.batches).toEqual([
      ['a1', 'b1'],
      ['a2', 'a3'],
    ])
    expect(texts()).toEqual(['a1', 'b1', 'a2', 'a3'])
  })

  it('shows nobody a message before it is stored', async () => {
    const { store, say, newNamed, texts } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    say(newNamed('alice'), 'a1')
    await settled()
    expect(texts()).toEqual([])
    resolve()
    await settled()
    expect(texts()).toEqual(['a1'])
  })

  it('lets messages for a room that rests collect until 4 ms before anybody would see them', async () => {
    const { clock, store, rests, say, newNamed } = setUp()
    rests.set('room', 30)
    const alice = newNamed('alice')
    say(alice, 'a1')
    await clock.pass(20)
    rests.set('room', 10)
    say(alice, 'a2')
    await clock.pass(5)
    await settled()
    expect(store.batches).toEqual([])
    await clock.pass(1)
    await settled()
    expect(store.batches).toEqual([['a1', 'a2']])
    expect(clock.timers).toBe(0)
  })

  it('lets nothing collect that would be seen at once, nor what waits with it', async () => {
    const { clock, store, rests, say, newNamed } = setUp()
    rests.set('busy', 30)
    const alice = newNamed('alice')
    say(alice, 'a1', 100, 'busy')
    await clock.pass(10)
    say(newNamed('bob'), 'b1', 100, 'quiet')
    await clock.pass(0)
    await settled()
    expect(store.batches).toEqual([['a1', 'b1']])
    rests.set('busy', 4)
    say(alice, 'a2', 100, 'busy')
    await clock.pass(0)
    await settled()
    expect(store.batches).toEqual([['a1', 'b1'], ['a2']])
  })

  it('lets nothing collect once it is five messages, or 2 KiB', async () => {
    const { clock, store, rests, say, newNamed } = setUp()
    rests.set('room', 30)
    const alice = newNamed('alice')
    for (let i = 1; i <= 4; i++) say(alice, `a${i}`)
    await clock.pass(10)
    await settled()
    expect(store.batches).toEqual([])
    say(alice, 'a5')
    say(alice, 'a6')
    await clock.pass(0)
    await settled()
    expect(store.batches).toEqual([['a1', 'a2', 'a3', 'a4', 'a5', 'a6']])
    say(alice, 'large', 2048)
    await clock.pass(0)
    await settled()
    expect(store.batches).toHaveLength(2)
  })

  it('lets nothing collect for long where the clock is set back', async () => {
    const { clock, store, rests, say, newNamed, texts } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    const alice = newNamed('alice')
    say(alice, 'a1')
    await settled()
    rests.set('room', 30)
    say(alice, 'a2')
    clock.setBack(60 * 60 * 1000)
    resolve()
    await clock.pass(50)
    await settled()
    expect(texts()).toEqual(['a1', 'a2'])
  })

  it('stores what collects at once when it is closed', async () => {
    const { rests, say, newNamed, texts, writer } = setUp()
    rests.set('room', 30)
    say(newNamed('alice'), 'a1')
    await settled()
    await writer.close()
    expect(texts()).toEqual(['a1'])
  })

  it('bounds one write', async () => {
    const { store, say, newNamed } = setUp()
    for (let i = 0; i < 1200; i++) say(newNamed(`${i}`), `${i}`, 1)
    for (let i = 0; i < 3; i++) say(newNamed(`${i}`), 'large', 700_000)
    await settled()
    expect(store.batches.map(({ length }) => length)).toEqual([500, 500, 201, 1, 1])
  })

  it('lets messages wait while the database is gone, and stores them once it is back', async () => {
    const { clock, store, say, newNamed, texts, gone, errors } = setUp()
    store.fail('refused')
    const alice = newNamed('alice')
    say(alice, 'a1')
    await clock.pass(5000)
    say(alice, 'a2')
    await clock.pass(4000)
    store.fail(undefined)
    await clock.pass(500)
    expect(texts()).toEqual(['a1', 'a2'])
    expect(gone).toEqual([])
    expect(errors).toHaveLength(1)
    expect(alice.waiting).toBe(0)
  })

  it('gives a sender up after 10 s, with all of its messages, and nobody else', async () => {
    const { clock, store, say, newNamed, texts, gone, inStore } = setUp()
    store.fail('refused')
    const [alice, bob] = [newNamed('alice'), newNamed('bob')]
    say(alice, 'a1')
    await clock.pass(9000)
    say(alice, 'a2')
    say(bob, 'b1')
    expect(gone).toEqual([])
    await clock.pass(1250)
    expect(gone).toEqual(['alice'])
    say(alice, 'a3')
    store.fail(undefined)
    await clock.pass(30_000)
    expect(texts()).toEqual(['b1'])
    expect(inStore()).toEqual(['b1'])
    expect(gone).toEqual(['alice'])
    expect(clock.timers).toBe(0)
  })

  it('gives a sender up past 1 MiB that waits, at once', async () => {
    const { clock, store, say, newNamed, gone } = setUp()
    store.fail('refused')
    const alice = newNamed('alice')
    say(alice, 'a0')
    await clock.pass(100)
    for (let i = 1; i <= 64; i++) say(alice, `a${i}`, 16_000)
    expect(gone).toEqual([])
    say(alice, 'one more', 16_000)
    say(alice, 'and one', 16_000)
    say(alice, 'and another', 16_000)
    expect(gone).toEqual(['alice'])
    store.fail(undefined)
    await clock.pass(30_000)
    expect(store.rows.size).toBe(0)
  })

  it('holds a fast sender back while the database answers, and not while it is gone', async () => {
    const { clock, store, offer, newNamed, texts, gone } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    const alice = newNamed('alice')
    expect(offer(alice, 'a1', 200_000)).toBeUndefined()
    await settled()
    let held = true
    void offer(alice, 'a2', 100_000)?.then(() => {
      held = false
    })
    await settled()
    expect(held).toBe(true)
    await clock.pass(1500)
    expect(held).toBe(false)
    expect(offer(alice, 'a3', 100_000)).toBeUndefined()
    resolve()
    await settled()
    expect(texts()).toEqual(['a1', 'a2', 'a3'])
    expect(gone).toEqual([])
  })

  it('stores a message once where the database stored it without saying so', async () => {
    const { clock, store, say, newNamed, seen } = setUp()
    store.fail('stored but unanswered')
    say(newNamed('alice'), 'a1')
    await clock.pass(100)
    store.fail(undefined)
    say(newNamed('bob'), 'b1')
    await clock.pass(1000)
    expect(seen.map(({ draft, number }) => [draft.textJson, number])).toEqual([
      ['a1', 1],
      ['b1', 2],
    ])
    expect(store.rows.size).toBe(2)
  })

  it('stores a message once where the database gets to it late', async () => {
    const { clock, store, say, newNamed, texts, inStore } = setUp()
    store.fail('stored late')
    say(newNamed('alice'), 'a1')
    await clock.pass(100)
    store.fail(undefined)
    store.actLate()
    await clock.pass(1000)
    expect(texts()).toEqual(['a1'])
    expect(inStore()).toEqual(['a1'])
  })

  it('takes an undelivered message back out of the store where it was stored without saying so', async () => {
    const { clock, store, say, newNamed, texts, gone, inStore } = setUp()
    store.fail('stored but unanswered')
    say(newNamed('alice'), 'a1')
    await clock.pass(11_000)
    expect(gone).toEqual(['alice'])
    expect(inStore()).toEqual(['a1'])
    store.fail(undefined)
    await clock.pass(1000)
    expect(inStore()).toEqual([])
    expect(texts()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('takes an undelivered message back where the database hangs and then says that it is stored', async () => {
    const { clock, store, say, newNamed, texts, gone, inStore } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    say(newNamed('alice'), 'a1')
    await clock.pass(9900)
    say(newNamed('bob'), 'b1')
    await clock.pass(600)
    expect(gone).toEqual(['alice'])
    resolve()
    await clock.pass(1000)
    expect(texts()).toEqual(['b1'])
    expect(inStore()).toEqual(['b1'])
  })

  it('takes an undelivered message back also where the database gets to it after it was taken back once', async () => {
    const { clock, store, say, newNamed, gone, inStore } = setUp()
    store.fail('stored late')
    const alice = newNamed('alice')
    say(alice, 'a1')
    await clock.pass(100)
    for (let i = 0; i < 70; i++) say(alice, 'large', 16_000)
    expect(gone).toEqual(['alice'])
    store.fail(undefined)
    await clock.pass(1000)
    store.actLate()
    await clock.pass(12_000)
    expect(inStore()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('stores what waits before it is closed, and takes nothing after', async () => {
    const { store, say, newNamed, texts, writer } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.hangUntil(promise)
    say(newNamed('alice'), 'a1')
    await settled()
    say(newNamed('bob'), 'b1')
    const closed = writer.close()
    say(newNamed('carol'), 'c1')
    resolve()
    await closed
    expect(texts()).toEqual(['a1', 'b1'])
  })

  it('closes after 3 s where the database is gone', async () => {
    const { clock, store, say, newNamed, writer } = setUp()
    store.fail('refused')
    say(newNamed('alice'), 'a1')
    await settled()
    const closed = writer.close()
    await clock.pass(3000)
    await closed
    await clock.pass(1000)
    expect(clock.timers).toBe(0)
  })
})
