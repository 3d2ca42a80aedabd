import type { Target } from './jobs.ts'
import { sleep } from './sleep.ts'

/** `SIGURG`: all garbage, whatever that takes. `SIGWINCH`: one collection, as the server would have made itself. */
type Collection = 'SIGURG' | 'SIGWINCH'

/** Has a server that is a Node collect its garbage, and leaves it the time. Answers whether it is one. */
export async function collect(
  { pids, collectsOnSignal }: Target,
  collection: Collection,
  settleSeconds: number,
): Promise<boolean> {
  if (!collectsOnSignal) return false
  for (const pid of pids) process.kill(pid, collection)
  await sleep(settleSeconds)
  return true
}
