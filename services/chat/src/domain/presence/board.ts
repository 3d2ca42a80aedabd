import { accountPlace } from '@switchboard/protocol/between'
import type { Clock } from '../clock.ts'
import { createPerson, type PersonOptions } from './person.ts'
import type { Spot } from './spots.ts'

/** One who wants to know of a person. */
export interface Follow {
  /** Where the person is by the newest reading; `undefined` before the first. */
  readonly spots: readonly Spot[] | undefined
  stop(): void
}

/** The people whom somebody in this process watches: each is read once for all who do. */
export interface Board {
  /** How many. */
  readonly size: number
  /** @param read called after each reading, from the first on */
  follow(key: string, read: () => void): Follow
  /** Reads everyone anew: something may have been missed. */
  refresh(): void
  close(): void
}

export interface BoardOptions {
  presence: PersonOptions['presence']
  clock: Clock
  /** Presence does not answer; told once until it does. */
  onError(error: unknown): void
}

/** How often everyone is read at any time: a process may have lost its way to the bus between a change and telling it. */
const SWEEP_MS = 15_000

export function createBoard({ presence, clock, onError }: BoardOptions): Board {
  const people = new Map<string, { person: ReturnType<typeof createPerson>; readers: Set<() => void> }>()
  let failing = false
  const stopSweep = clock.every(SWEEP_MS, refresh)

  function refresh(): void {
    for (const { person } of people.values()) person.changed()
  }

  function add(key: string) {
    const readers = new Set<() => void>()
    const person = createPerson(accountPlace(key), {
      presence,
      clock,
      read() {
        failing = false
        for (const read of readers) read()
      },
      failed(error) {
        if (!failing) onError(error)
        failing = true
      },
    })
    const added = { person, readers }
    people.set(key, added)
    return added
  }

  return {
    get size() {
      return people.size
    },
    follow(key, read) {
      const { person, readers } = people.get(key) ?? add(key)
      // Two that are the same function are two.
      const reader = () => read()
      readers.add(reader)
      return {
        get spots() {
          return person.spots
        },
        stop() {
          if (!readers.delete(reader) || readers.size > 0) return
          person.stop()
          people.delete(key)
        },
      }
    },
    refresh,
    close() {
      stopSweep()
      for (const { person } of people.values()) person.stop()
      people.clear()
    },
  }
}
