import { called, type WaitingRoom } from './waiting-room.ts'

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

/** Those of one key. */
interface Crowd {
  /** Let in and not decided yet. */
  inside: number
  /** How many were let in and have left. */
  left: number
  /** One at a time asks the counter; the others stand in line, each to be called when it is its turn. */
  asking: boolean
  line: Set<() => void>
  /** Called when someone leaves. */
  onLeave: () => void
}

const nothing = () => {}

/**
 * A try is counted when it comes in, so that no number of them at once gets past the limit. Those that are inside may
 * yet turn out right: while there are any, whoever finds no room waits for them, and is refused only after the last.
 */
export function createLoginGate(counter: LoginCounter, room: WaitingRoom): LoginGate {
  const crowds = new Map<string, Crowd>()

  function crowdOf(key: string): Crowd {
    const crowd = crowds.get(key) ?? {
      inside: 0,
      left: 0,
      asking: false,
      line: new Set(),
      onLeave: nothing,
    }
    crowds.set(key, crowd)
    return crowd
  }

  function forgetIfEmpty(key: string, crowd: Crowd): void {
    if (crowd.inside === 0 && !crowd.asking) crowds.delete(key)
  }

  async function standInLine(crowd: Crowd, signal: AbortSignal | undefined): Promise<void> {
    if (!crowd.asking) {
      crowd.asking = true
      return
    }
    const { line } = crowd
    await room.wait(signal, (ended) =>
      called(
        ended,
        (call) => line.add(call),
        (call) => line.delete(call),
      ),
    )
  }

  function callNext(crowd: Crowd): void {
    const [next] = crowd.line
    if (next) {
      crowd.line.delete(next)
      next()
    } else crowd.asking = false
  }

  function someoneLeaves(crowd: Crowd, signal: AbortSignal | undefined): Promise<void> {
    return room.wait(signal, (ended) =>
      called(
        ended,
        (call) => {
          crowd.onLeave = call
        },
        () => {
          crowd.onLeave = nothing
        },
      ),
    )
  }

  /** As {@link LoginGate.enter}, for the one whose turn it is. */
  async function ask(key: string, crowd: Crowd, signal: AbortSignal | undefined): Promise<number> {
    for (;;) {
      const { left } = crowd
      const seconds = await counter.take(key)
      if (seconds === 0) {
        crowd.inside++
        return 0
      }
      // Who left meanwhile may have made room just after the counter answered.
      if (crowd.left !== left) continue
      if (crowd.inside === 0) return seconds
      await someoneLeaves(crowd, signal)
    }
  }

  return {
    async enter(key, signal) {
      const crowd = crowdOf(key)
      await standInLine(crowd, signal)
      try {
        return await ask(key, crowd, signal)
      } finally {
        callNext(crowd)
        forgetIfEmpty(key, crowd)
      }
    },
    async leave(key, failed) {
      try {
        if (!failed) await counter.give(key)
      } finally {
        const crowd = crowdOf(key)
        crowd.inside--
        crowd.left++
        crowd.onLeave()
        forgetIfEmpty(key, crowd)
      }
    },
  }
}
