import { encodeUp } from '@switchboard/protocol/client/ide'
import { ended, type ServerError, type SwitchboardError, timedOut } from '../core/errors.ts'

/** A question who is in a space, which enters it. */
interface Entering {
  space: string
  /** Absent where nobody waits: it is entered again after a reconnection. */
  promise?: Promise<string[]>
  resolve?(users: string[]): void
  reject?(reason: unknown): void
  /** It was left before the answer came. */
  isLeft?: boolean
}

export interface SpacesOptions {
  /** Says a frame on the open connection; what it answers is whether there is one. */
  say(frame: string): boolean
  timeoutMs: number
  /** An answer did not come. */
  onSilence(error: SwitchboardError): void
}

export interface Spaces {
  enter(space: string, signal?: AbortSignal): Promise<string[]>
  leave(space: string): void
  /** Who is there. Answers where: the wire does not say it, but answers come in the order of the questions. */
  listed(users: string[]): string | undefined
  /** The server does not let us in, or not any longer. */
  refused(space: string, error: ServerError): void
  /** There is a connection, which is in no space yet. */
  reopened(): void
  paused(): void
  /** As of `Pending`. */
  fail(reason: unknown, quiet: boolean): void
}

/** The spaces that a client is in, entered one after the other, because an answer does not name its question. */
export function createSpaces({ say, timeoutMs, onSilence }: SpacesOptions): Spaces {
  const inside = new Set<string>()
  let waiting: Entering[] = []
  let asked: Entering | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function ask(): void {
    const next = asked ?? waiting[0]
    if (asked || !next || !say(encodeUp('list', { space: next.space }))) return
    asked = waiting.shift()
    timer = setTimeout(() => {
      const error = timedOut(timeoutMs)
      done()?.reject?.(error)
      onSilence(error)
    }, timeoutMs)
  }
  function done(): Entering | undefined {
    const one = asked
    asked = undefined
    clearTimeout(timer)
    return one
  }
  return {
    enter(space, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>()
      const aborted = () => {
        waiting = waiting.filter((other) => other !== one)
        reject(signal?.reason)
      }
      const over = () => signal?.removeEventListener('abort', aborted)
      const one: Entering = {
        space,
        promise,
        resolve(users) {
          over()
          resolve(users)
        },
        reject(reason) {
          over()
          reject(reason)
        },
      }
      if (signal?.aborted) reject(signal.reason)
      else {
        signal?.addEventListener('abort', aborted)
        waiting.push(one)
        ask()
      }
      return promise
    },
    leave(space) {
      inside.delete(space)
      const left = waiting.filter((one) => one.space === space)
      waiting = waiting.filter((one) => one.space !== space)
      for (const one of left) one.reject?.(ended())
      if (asked?.space === space) asked.isLeft = true
      say(encodeUp('leave', { space }))
    },
    listed(users) {
      const one = done()
      if (one) {
        if (!one.isLeft) inside.add(one.space)
        one.resolve?.(users)
      }
      ask()
      return one?.space
    },
    refused(space, error) {
      inside.delete(space)
      if (asked?.space === space) done()?.reject?.(error)
      ask()
    },
    reopened() {
      const known = new Set(waiting.map(({ space }) => space))
      for (const space of inside) if (!known.has(space)) waiting.push({ space })
      ask()
    },
    paused() {
      const one = done()
      if (one) waiting.unshift(one)
    },
    fail(reason, quiet) {
      for (const one of [done(), ...waiting.splice(0)]) {
        if (quiet) one?.promise?.catch(() => {})
        one?.reject?.(reason)
      }
    },
  }
}
