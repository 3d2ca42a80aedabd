import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 50
const MOST_MS = 1_000

/** Milliseconds before the next try; half by chance, so that processes do not all come back in one moment. */
export function backoff(failures: number): number {
  const most = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), MOST_MS)
  return most / 2 + (Math.random() * most) / 2
}

/** Resolves after so long, or once `signal` aborts. Keeps no process alive. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal, ref: false }).catch(() => {})
