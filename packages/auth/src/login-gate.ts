import type { WaitingRoom } from './waiting-room.ts'

/** What is needed of a counter of kit's limits. */
export interface LoginCounter {
  /** Counts one; 0 where that is allowed, else the seconds until it would be. What is not allowed is not counted. */
  take(key: string): Promise<number>
  count(key: string): Promise<number>
  /** Takes one back. */
  give(key: string): Promise<void>
}

/** Lets tries in while a counter allows them. */
export interface LoginGate {
  /** 0: it is in, and must leave; else the seconds until it would be let in. */
  enter(key: string, signal: AbortSignal | undefined): Promise<number>
  /** Only what failed stays counted. */
  leave(key: string, failed: boolean): Promise<void>
}

interface Crowd {
  inside: number
  /** How many were let in and have left. */
  left: number
  /** Each is asked to try again. */
  waiting: Set<() => void>
}

/**
 * A try is counted when it comes in, so that no number of them at once gets past the limit. Those that are inside may
 * yet turn out right: while there are any, whoever finds no room waits for them, and is refused only after the last.
 */
export function createLoginGate(counter: LoginCounter, room: WaitingRoom): LoginGate {
  const crowds = new Map<string, Crowd>()

  function arrive(key: string): Crowd {
    const crowd = crowds.get(key) ?? { inside: 0, left: 0, waiting: new Set() }
    crowds.set(key, crowd)
    crowd.inside++
    return crowd
  }

  function depart(key: string, crowd: Crowd): void {
    crowd.inside--
    if (crowd.inside === 0) crowds.delete(key)
    const next = crowd.inside === 0 ? [...crowd.waiting] : [...crowd.waiting].slice(0, 1)
    for (const retry of next) retry()
  }

  function someoneLeaves(crowd: Crowd, ended: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        crowd.waiting.delete(retry)
        ended.removeEventListener('abort', giveUp)
        done()
      }
      const retry = () => settle(resolve)
      const giveUp = () => settle(() => reject(ended.reason))
      crowd.waiting.add(retry)
      ended.addEventListener('abort', giveUp)
    })
  }

  return {
    async enter(key, signal) {
      for (;;) {
        const crowd = arrive(key)
        const { left } = crowd
        let seconds: number | undefined
        try {
          seconds = await counter.take(key)
        } finally {
          if (seconds !== 0) depart(key, crowd)
        }
        if (seconds === 0) return 0
        // Who left meanwhile may have made room just after the counter answered.
        if (crowd.left !== left) continue
        if (crowd.inside === 0) return seconds
        await room.wait(signal, (ended) => someoneLeaves(crowd, ended))
      }
    },
    async leave(key, failed) {
      try {
        if (!failed) await counter.give(key)
      } finally {
        const crowd = crowds.get(key)
        if (crowd) {
          crowd.left++
          depart(key, crowd)
        }
      }
    },
  }
}
