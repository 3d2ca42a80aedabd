import { backoff } from './backoff.ts'
import { ServerError, type SwitchboardError, timedOut } from './errors.ts'
import { isOffline } from './wake.ts'

/** A connection that lived this long, or over which something came, was good: the next wait is a short one. */
const PROVEN_MS = 5_000
/** Milliseconds between tries while the runtime says that there is no network: it may be wrong. */
const OFFLINE_MS = 30_000
/** The longest that a timer can wait, milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

export interface RetriesOptions {
  /** How long until a connection proves good for the first time, milliseconds. */
  giveUpMs: number
  again(): void
  /** There was no good connection in time, and there is none now. */
  giveUp(error: SwitchboardError): void
  isOpen(): boolean
}

/** Decides when to try again, and when no more. */
export interface Retries {
  /** A try has failed, or a connection was lost. Answers whether there will be another try. */
  plan(error: SwitchboardError): boolean
  /** There is a connection; whether it is a good one is not known yet. */
  opened(): void
  /** It is a good one. */
  proven(): void
  /** Does not wait any longer for the next try. */
  now(): void
  /** Nothing that was begun goes on. */
  stop(): void
}

export function createRetries({ giveUpMs, again, giveUp, isOpen }: RetriesOptions): Retries {
  let failures = 0
  let isProven = false
  let isOverdue = false
  let lastError = timedOut(giveUpMs)
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = setTimeout(
    () => {
      isOverdue = true
      if (!isProven && !isOpen()) giveUp(lastError)
    },
    Math.min(giveUpMs, LONGEST_MS),
  )

  function proven(): void {
    isProven = true
    if (failures === 0) return
    failures = 0
    clearTimeout(timer)
  }
  return {
    plan(error) {
      clearTimeout(timer)
      if (!error.retryable || (isOverdue && !isProven)) return false
      lastError = error
      failures++
      const asked = error instanceof ServerError ? error.retryAfterMs : undefined
      timer = setTimeout(again, Math.max(asked ?? 0, isOffline() ? OFFLINE_MS : backoff(failures)))
      return true
    },
    opened() {
      timer = setTimeout(proven, PROVEN_MS)
    },
    proven,
    now() {
      clearTimeout(timer)
      again()
    },
    stop() {
      clearTimeout(timer)
      clearTimeout(deadline)
    },
  }
}
