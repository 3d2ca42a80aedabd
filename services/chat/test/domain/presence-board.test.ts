import { describe, expect, it } from 'vitest'
import { type Board, createBoard } from '../../src/domain/presence/board.ts'
import type { Reported } from '../../src/domain/presence/spots.ts'
import { createWatcher } from '../../src/domain/presence/watcher.ts'
import { FakeClock, settled } from './fake-clock.ts'

const inRoom = (name: string, since = 1): Reported[] => [
  { since, info: { service: 'chat', places: [{ name, since }] } },
]
const inSpace = (name: string): Reported[] => [
  { since: 1, info: { service: 'ide', places: [{ name, since: 1, restricted: true }] } },
]

/** Presence whose readings are counted, and can fail or take as long as a test likes. */
class FakePresence {
  readonly entries = new Map<string, Reported[]>()
  readonly listeners = new Map<string, Set<() => void>>()
  reads = 0
  away = false
  hold: Promise<void> | undefined

  put(key: string, entries: Reported[]): void {
    this.entries.set(`person:${key}`, entries)
    for (const listener of this.listeners.get(`person:${key}`) ?? []) listener()
  }

  async watch(place: string, listener: () => void): Promise<() => void> {
    if (this.away) throw new Error('away')
    const listeners = this.listeners.get(place) ?? new Set()
    this.listeners.set(place, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.listeners.delete(place)
    }
  }

  async list(place: string): Promise<Reported[]> {
    if (this.away) throw new Error('away')
    this.reads++
    const entries = this.entries.get(place) ?? []
    await this.hold
    return entries
  }
}

function setUp() {
  const presence = new FakePresence()
  const clock = new FakeClock()
  const errors: unknown[] = []
  const board = createBoard({ presence, clock, onError: (error) => errors.push(error) })
  return { presence, clock, errors, board }
}

/** Someone whose frames are kept as objects. */
function asker(
  board: Board,
  openSpaces = async (_spaces: readonly string[]): Promise<Set<string>> => new Set(),
) {
  const frames: Record<string, unknown>[] = []
  const tell = (users: readonly (readonly [string, string])[]) =>
    void frames.push(Object.fromEntries(users.map(([name, json]) => [name, JSON.parse(json)])))
  return { frames, ...createWatcher({ board, openSpaces, tell }) }
}

describe('who watches people', () => {
  it('is told all of them in one frame, whoever they are, then what changes', async () => {
    const { presence, clock, board } = setUp()
    presence.put('alice', inRoom('lobby'))
    const { frames, watch } = asker(board)
    watch(['Alice', 'bob', 'no/body', 'alice'])
    await settled()
    const lobby = [{ service: 'chat', place: 'lobby', since: 1 }]
    expect(frames.splice(0)).toEqual([{ Alice: lobby, bob: [], 'no/body': [], alice: lobby }])
    presence.put('alice', [])
    await clock.pass(50)
    expect(frames).toEqual([{ Alice: [], alice: [] }])
  })

  it('is answered also where nobody is left to watch', async () => {
    const { board } = setUp()
    const { frames, watch } = asker(board)
    watch([])
    await settled()
    watch(['no/body'])
    await settled()
    expect(frames).toEqual([{}, { 'no/body': [] }])
  })

  it('is answered the last list alone where several come at once', async () => {
    const { board } = setUp()
    const { frames, watch } = asker(board)
    watch(['alice'])
    watch(['bob'])
    await settled()
    expect(frames).toEqual([{ bob: [] }])
  })

  it('hears of a burst of changes once, and of its last state', async () => {
    const { presence, clock, board } = setUp()
    const { frames, watch } = asker(board)
    watch(['alice'])
    await settled()
    frames.length = 0
    for (let i = 0; i <= 100; i++) presence.put('alice', inRoom(`room-${i}`))
    await clock.pass(50)
    expect(frames).toEqual([{ alice: [{ service: 'chat', place: 'room-100', since: 1 }] }])
    expect(presence.reads).toBe(2)
  })

  it('hears of what changes while it is read', async () => {
    const { presence, clock, board } = setUp()
    const { frames, watch } = asker(board)
    const { promise, resolve } = Promise.withResolvers<void>()
    presence.hold = promise
    watch(['alice'])
    await settled()
    presence.put('alice', inRoom('late'))
    presence.hold = undefined
    resolve()
    await settled()
    await clock.pass(50)
    expect(frames).toEqual([{ alice: [] }, { alice: [{ service: 'chat', place: 'late', since: 1 }] }])
  })

  it('hears nothing where nothing that it may know has changed', async () => {
    const { presence, clock, board } = setUp()
    const { frames, watch } = asker(board)
    presence.put('alice', inSpace('secret'))
    watch(['alice'])
    await settled()
    expect(frames.splice(0)).toEqual([{ alice: [{ service: 'ide', since: 1 }] }])
    presence.put('alice', inSpace('another secret'))
    await clock.pass(50)
    expect(frames).toEqual([])
    expect(presence.reads).toBe(2)
  })

  it('is asked for restricted spaces alone, and anew at each reading', async () => {
    const { presence, clock, board } = setUp()
    const open = new Set<string>()
    const questions: (readonly string[])[] = []
    const { frames, watch } = asker(board, async (spaces) => {
      questions.push(spaces)
      return new Set(open)
    })
    presence.put('alice', inRoom('lobby'))
    watch(['alice'])
    await settled()
    expect(questions).toEqual([])
    presence.put('alice', inSpace('repo'))
    await clock.pass(50)
    open.add('repo')
    board.refresh()
    await clock.pass(50)
    expect(questions).toEqual([['repo'], ['repo']])
    expect(frames.slice(1)).toEqual([
      { alice: [{ service: 'ide', since: 1 }] },
      { alice: [{ service: 'ide', place: 'repo', since: 1 }] },
    ])
  })

  it('is told of nobody whom it watches no more, also where ide takes its time', async () => {
    const { presence, board } = setUp()
    const answer = Promise.withResolvers<Set<string>>()
    const { frames, watch, stop } = asker(board, () => answer.promise)
    presence.put('alice', inSpace('repo'))
    watch(['alice'])
    await settled()
    watch(['bob'])
    answer.resolve(new Set(['repo']))
    await settled()
    expect(frames).toEqual([{ bob: [] }])
    stop()
    expect(presence.listeners.size).toBe(0)
  })

  it('hears what was true while presence is away as soon as it is back, and the log hears of it once', async () => {
    const { presence, clock, errors, board } = setUp()
    presence.put('alice', inRoom('lobby'))
    presence.away = true
    const { frames, watch } = asker(board)
    watch(['alice', 'bob'])
    await settled()
    for (let i = 0; i < 3; i++) {
      await clock.pass(1000)
    }
    expect(frames).toEqual([])
    expect(errors).toHaveLength(1)
    presence.away = false
    await clock.pass(1000)
    expect(frames).toEqual([{ alice: [{ service: 'chat', place: 'lobby', since: 1 }], bob: [] }])
  })
})

describe('a person whom many watch', () => {
  it('is read once for all of them, and no more once nobody does', async () => {
    const { presence, clock, board } = setUp()
    const askers = Array.from({ length: 1000 }, () => asker(board))
    for (const { watch } of askers) watch(['alice'])
    await settled()
    expect(presence.reads).toBe(1)
    presence.put('alice', inRoom('lobby'))
    await clock.pass(50)
    expect(presence.reads).toBe(2)
    for (const { frames } of askers) expect(frames).toHaveLength(2)
    askers[0]?.watch(['bob'])
    expect(board.size).toBe(2)
    await settled()
    for (const { stop } of askers) stop()
    expect(board.size).toBe(0)
    await settled()
    expect(presence.listeners.size).toBe(0)
    presence.put('alice', [])
    await clock.pass(5000)
    expect(presence.reads).toBe(3)
  })

  it('is read each 15 s, because a change may be lost on its way', async () => {
    const { presence, clock, board } = setUp()
    const { frames, watch } = asker(board)
    watch(['alice'])
    await settled()
    presence.entries.set('person:alice', inRoom('lobby'))
    await clock.pass(15_050)
    expect(frames).toEqual([{ alice: [] }, { alice: [{ service: 'chat', place: 'lobby', since: 1 }] }])
    board.close()
    expect(clock.timers).toBe(0)
  })

  it('is not watched where nobody waits for the watch any more', async () => {
    const { presence, board } = setUp()
    const { watch, stop } = asker(board)
    watch(['alice'])
    stop()
    await settled()
    expect(presence.listeners.size).toBe(0)
  })
})
