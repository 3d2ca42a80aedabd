import { Unavailable } from './unavailable.ts'

/** Where log-ins wait: so many at most, each until its client goes away, all until it is closed. */
export interface WaitingRoom {
  /** @throws Unavailable where there is no room, or `signal` aborts, or the room is closed */
  wait(signal: AbortSignal | undefined, until: (ended: AbortSignal) => Promise<void>): Promise<void>
  close(): void
}

export function createWaitingRoom(max: number): WaitingRoom {
  const closing = new AbortController()
  let waiting = 0
  return {
    async wait(signal, until) {
      if (waiting >= max) throw new Unavailable('too many log-ins are waiting')
      const ended = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
      waiting++
      try {
        ended.throwIfAborted()
        await until(ended)
      } catch (error) {
        throw ended.aborted ? new Unavailable('the log-in was given up while it waited') : error
      } finally {
        waiting--
      }
    },
    close: () => closing.abort(),
  }
}

/** Resolves once what `arm` is given is called; rejects, after `disarm`, once `ended` aborts. */
export function called(
  ended: AbortSignal,
  arm: (call: () => void) => void,
  disarm: (call: () => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      disarm(call)
      reject(ended.reason)
    }
    const call = () => {
      ended.removeEventListener('abort', giveUp)
      resolve()
    }
    ended.addEventListener('abort', giveUp)
    arm(call)
  })
}
