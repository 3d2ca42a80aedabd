import { beforeEach, expect, test } from 'vitest'
import { keepEntry } from '../src/kept-entry.ts'
import type { Entry } from '../src/presence.ts'
import { MemoryPresence, MemoryPresenceStore } from '../src/presence-memory.ts'

let presence: MemoryPresence
let entered: unknown[]
let says: string
beforeEach(() => {
  presence = new MemoryPresence(new MemoryPresenceStore(), 'here')
  says = 'first'
  entered = []
  const enter = presence.enter.bind(presence)
  presence.enter = async (place, entry) => {
    // Later than what was asked for after it, if nobody waited.
    for (let turns = entered.push(entry.info) % 2; turns < 5; turns++) await turn()
    return enter(place, entry)
  }
})

const turn = () => new Promise((resolve) => setImmediate(resolve))
const entry = (): Entry => ({ connection: 'here.1', person: 'ann', since: 1, info: says })
const said = async () => (await presence.list('p')).map(({ info }) => info)
const keep = () => keepEntry(presence, 'p', entry)

test('an entry says what it was entered with, then what it changed to', async () => {
  const kept = keep()
  await kept.enter()
  expect(await said()).toEqual(['first'])
  says = 'second'
  kept.changed()
  await expect.poll(said).toEqual(['second'])
})

test('the last of many changes wins, and those of one turn are told once', async () => {
  const kept = keep()
  await kept.enter()
  for (let n = 0; n < 20; n++) {
    for (const part of ['a', 'b']) {
      says = `${n}${part}`
      kept.changed()
    }
    if (n % 3 === 0) await turn()
  }
  await expect.poll(said).toEqual(['19b'])
  expect(entered.length).toBeLessThan(20)
})

test('after it left nothing brings it back, whatever was under way', async () => {
  const kept = keep()
  const entering = kept.enter()
  kept.changed()
  const leaving = kept.leave()
  kept.changed()
  await Promise.all([entering, leaving])
  for (let turns = 0; turns < 20; turns++) await turn()
  expect(await said()).toEqual([])
})

test('a change that presence could not be told is told later, and not after it left', async () => {
  const { enter } = presence
  const away = async () => {
    throw new Error('away')
  }
  const kept = keep()
  const other = keepEntry(presence, 'other', entry)
  await Promise.all([kept.enter(), other.enter()])
  presence.enter = away
  says = 'later'
  kept.changed()
  other.changed()
  await turn()
  await other.leave()
  presence.enter = enter
  await expect.poll(said, { timeout: 5000 }).toEqual(['later'])
  expect(await presence.list('other')).toEqual([])
})

test('entering and leaving reject where presence is away', async () => {
  const away = async () => {
    throw new Error('away')
  }
  presence.enter = away
  presence.leave = away
  const kept = keep()
  await expect(kept.enter()).rejects.toThrow('away')
  await expect(kept.leave()).rejects.toThrow('away')
})
