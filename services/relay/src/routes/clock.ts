import type { Clock } from '../domain/ports.ts'

/** The machine's own. Its timers keep no process alive. */
export const CLOCK: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
