import { describe, expect, it } from 'vitest'
import { Feeds } from '../../src/domain/rooms/feeds.ts'
import { FakeClock, settled } from './fake-clock.ts'

/** How long the bus has to bring what is late. */
const GAP_MS = 50

type Heard = (envelope: { seq?: number; payload: Buffer }) => void

/** A bus and a store of one room, both as bad as the test wants. */
function setUp() {
  const clock = new FakeClock()
  const stored: string[] = []
  const listeners = new Set<Heard>()
  const changes = new Set<(up: boolean) => void>()
  const got: string[] = []
  const errors: unknown[] = []
  const reads: number[][] = []
  const away = { bus: false, store: false }
  let slow: Promise<void> | undefined

  const feeds = new Feeds({
    clock,
    bus: {
      async subscribe(_topic, listener) {
        if (away.bus) throw new Error('the bus is away')
        await slow
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      onChange(listener) {
        changes.add(listener)
        return () => changes.delete(listener)
      },
    },
    store: {
      async lastNumber() {
        if (away.store) throw new Error('the store is away')
        return stored.length
      },
      async readAfter(rooms, limit) {
        reads.push(rooms.map(({ after }) => after))
        if (away.store) throw new Error('the store is away')
        return new Map(
          rooms.map(({ roomId, after }) => [
            roomId,
            stored
              .map((text, index) => ({ number: index + 1, item: Buffer.from(text) }))
              .slice(after, after + limit),
          ]),
        )
      },
    },
    topic: (roomId) => `chat:room:${roomId}`,
    deliver: (_roomId, payload) => got.push(payload.toString()),
    onError: (error) => errors.push(error),
  })

  return {
    clock,
    feeds,
    got,
    errors,
    reads,
    away,
    listeners,
    /** The bus takes subscriptions only then. */
    slowUntil(promise: Promise<void>) {
      slow = promise
    },
    store(...texts: string[]) {
      stored.push(...texts)
    },
    /** The bus brings the message with that number. */
    bring(number: number) {
      for (const heard of listeners) heard({ seq: number, payload: Buffer.from(stored[number - 1] ?? '') })
    },
    change(up: boolean) {
      away.bus = !up
      for (const changed of changes) changed(up)
    },
  }
}

describe('the feed of a room', () => {
  it('delivers what the bus brings after it was opened, and asks the store nothing', async () => {
    const { feeds, store, bring, got, reads } = setUp()
    store('a')
    const feed = await feeds.open('room')
    expect(feed.last()).toBe(1)
    store('b')
    bring(2)
    expect(got).toEqual(['b'])
    expect(feed.last()).toBe(2)
    expect(reads).toEqual([])
  })

  it('reads what the bus lost before it delivers what came later', async () => {
    const { clock, feeds, store, bring, got } = setUp()
    await feeds.open('room')
    store('a', 'b', 'c')
    bring(3)
    await clock.pass(GAP_MS - 1)
    expect(got).toEqual([])
    await clock.pass(1)
    expect(got).toEqual(['a', 'b', 'c'])
  })

  it('waits 50 ms for what comes late, and asks the store only for what does not', async () => {
    const { clock, feeds, store, bring, got, reads } = setUp()
    await feeds.open('room')
    store('a', 'b', 'c', 'd')
    bring(2)
    await clock.pass(GAP_MS / 2)
    bring(1)
    expect(got).toEqual(['a', 'b'])
    bring(4)
    await clock.pass(GAP_MS / 2)
    expect(reads).toEqual([])
    await clock.pass(GAP_MS)
    expect(got).toEqual(['a', 'b', 'c', 'd'])
    expect(reads).toEqual([[2]])
  })

  it('forgets a gap of a room that was left', async () => {
    const { clock, feeds, store, bring, reads } = setUp()
    const feed = await feeds.open('room')
    store('a', 'b')
    bring(2)
    feed.close()
    await clock.pass(GAP_MS)
    expect(reads).toEqual([])
  })

  it('reads what was missed when the bus is back, and for 5 s what others said who are back later', async () => {
    const { feeds, store, change, got, clock, reads } = setUp()
    await feeds.open('room')
    change(false)
    change(true)
    store('a')
    await settled()
    expect(got).toEqual(['a'])
    await clock.pass(4000)
    store('b')
    await clock.pass(1000)
    expect(got).toEqual(['a', 'b'])
    expect(reads).toHaveLength(6)
    await clock.pass(4000)
    expect(reads).toHaveLength(6)
  })

  it('reads each 10 s what was stored and never came over the bus', async () => {
    const { feeds, store, got, clock, reads } = setUp()
    await feeds.open('room')
    store('its process died')
    await clock.pass(9000)
    expect(got).toEqual([])
    await clock.pass(1000)
    expect(got).toEqual(['its process died'])
    await clock.pass(20_000)
    expect(reads).toHaveLength(3)
  })

  it('reads once a second while the bus is away', async () => {
    const { feeds, store, change, got, clock, reads } = setUp()
    await feeds.open('room')
    change(false)
    store('a')
    await clock.pass(1000)
    expect(got).toEqual(['a'])
    store('b', 'c')
    await clock.pass(3000)
    expect(got).toEqual(['a', 'b', 'c'])
    expect(reads).toHaveLength(4)
  })

  it('opens while the bus is away, and subscribes when it is back', async () => {
    const { feeds, store, bring, change, got, clock, listeners } = setUp()
    change(false)
    await feeds.open('room')
    store('a')
    await clock.pass(1000)
    expect(got).toEqual(['a'])
    expect(listeners.size).toBe(0)
    change(true)
    await settled()
    expect(listeners.size).toBe(1)
    store('b')
    bring(2)
    expect(got).toEqual(['a', 'b'])
  })

  it('waits 1 s for a bus that does not answer, and misses nothing when it does', async () => {
    const { clock, feeds, store, bring, got, slowUntil } = setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    slowUntil(promise)
    const opening = feeds.open('room')
    await clock.pass(1000)
    await opening
    store('a')
    await clock.pass(1000)
    expect(got).toEqual(['a'])
    store('b')
    resolve()
    await settled()
    store('c')
    bring(3)
    await clock.pass(GAP_MS)
    expect(got).toEqual(['a', 'b', 'c'])
    store('d')
    await clock.pass(1000)
    expect(got).toEqual(['a', 'b', 'c', 'd'])
  })

  it('delivers what this process stored at once, also while the bus is away', async () => {
    const { feeds, store, change, got } = setUp()
    change(false)
    await feeds.open('room')
    store('a')
    feeds.live('room', 1, Buffer.from('a'))
    expect(got).toEqual(['a'])
    feeds.live('room', 1, Buffer.from('a'))
    expect(got).toEqual(['a'])
  })

  it('asks the store again each second until it answers', async () => {
    const { feeds, store, bring, got, away, clock, errors } = setUp()
    await feeds.open('room')
    store('a', 'b')
    away.store = true
    bring(2)
    await clock.pass(3000)
    expect(got).toEqual([])
    expect(errors.length).toBeGreaterThan(0)
    away.store = false
    await clock.pass(1000)
    expect(got).toEqual(['a', 'b'])
  })

  it('reads a long gap in parts', async () => {
    const { clock, feeds, store, bring, got } = setUp()
    await feeds.open('room')
    store(...Array.from({ length: 1200 }, (_, index) => `${index + 1}`))
    bring(1200)
    await clock.pass(GAP_MS)
    expect(got).toHaveLength(1200)
    expect(got.at(-1)).toBe('1200')
  })

  it('reads all rooms that ask at one time with one query', async () => {
    const { feeds, change, reads } = setUp()
    await Promise.all([feeds.open('a'), feeds.open('b'), feeds.open('c')])
    change(false)
    change(true)
    await settled()
    expect(reads.flat()).toHaveLength(3)
    expect(reads.length).toBeLessThan(3)
  })

  it('rejects where the store does not answer, and opens later', async () => {
    const { feeds, away } = setUp()
    away.store = true
    await expect(feeds.open('room')).rejects.toThrow('the store is away')
    expect(feeds.size).toBe(0)
    away.store = false
    await expect(feeds.open('room')).resolves.toBeDefined()
  })

  it('follows a room until its last member is gone, and no longer', async () => {
    const { feeds, listeners } = setUp()
    const [one, two] = await Promise.all([feeds.open('room'), feeds.open('room')])
    expect(listeners.size).toBe(1)
    one.close()
    one.close()
    expect(listeners.size).toBe(1)
    two.close()
    expect(listeners.size).toBe(0)
    expect(feeds.size).toBe(0)
  })

  it('delivers nothing while it is held, and all of it after, in order', async () => {
    const { feeds, store, bring, got } = setUp()
    const feed = await feeds.open('room')
    const release = feed.hold()
    store('a', 'b')
    bring(1)
    bring(2)
    expect(got).toEqual([])
    expect(feed.last()).toBe(0)
    release()
    release()
    expect(got).toEqual(['a', 'b'])
  })
})
