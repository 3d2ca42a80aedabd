import { setTimeout as delay } from 'node:timers/promises'

/** Resolves after so many milliseconds; rejects once `signal` aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

/** Keeps no process alive. */
export const sleep: Sleep = (ms, signal) => delay(ms, undefined, { signal, ref: false })
