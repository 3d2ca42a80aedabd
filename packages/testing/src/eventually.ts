import { setTimeout as wait } from 'node:timers/promises'

/** Between two looks, milliseconds. */
const GRAIN_MS = 5

interface Patience {
  /** For whoever reads that it was not. */
  what?: string
  /** Milliseconds. */
  withinMs?: number
}

/** `expect.poll` for what is no test, or several at one time: resolves once it is so, rejects where it is not in time. */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  { what = 'it was not so', withinMs = 20_000 }: Patience = {},
): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await isSo()); await wait(GRAIN_MS))
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
}
