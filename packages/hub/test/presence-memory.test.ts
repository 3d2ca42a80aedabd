import { describe, expect, it } from 'vitest'
import { MemoryPresence, MemoryPresenceStore } from '../src/presence-memory.ts'
import { presenceSuite } from './suites/presence-suite.ts'

presenceSuite('memory', () => {
  const store = new MemoryPresenceStore()
  return {
    presence: (processId) => new MemoryPresence(store, processId),
    crash: (processId) => store.crash(processId),
    steal: (key, connection, processId) => store.steal(key, connection, processId),
    kept: () => store.size,
  }
})

describe('presence in memory', () => {
  it('goes on with the next entry where a listener throws', async () => {
    const store = new MemoryPresenceStore()
    const errors: unknown[] = []
    const here = new MemoryPresence(store, 'here', (error) => errors.push(error))
    const there = new MemoryPresence(store, 'there')
    const told: string[] = []
    here.onExpired('', ({ entry }) => {
      throw new Error(entry.connection)
    })
    here.onExpired('', ({ entry }) => void told.push(entry.connection))
    for (const connection of ['there.1', 'there.2'])
      await there.enter('p', { connection, person: 'ann', since: 1 })
    store.crash('there')
    expect(told).toEqual(['there.1', 'there.2'])
    expect(errors).toHaveLength(2)
  })
})
