import { setTimeout as wait } from 'node:timers/promises'

const GRAIN_MS = 20

/** `expect.poll` for tests that run at one time: resolves once it is so, rejects with `what` where it is not in time. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await isSo()); await wait(GRAIN_MS))
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
}
