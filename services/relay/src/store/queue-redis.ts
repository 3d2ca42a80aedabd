import { ask } from './redis-away.ts'
import { type Runner, TAG } from './scripts.ts'
import type { QueueOptions, QueueStore } from './store.ts'

/** Tokens that are removed in one step. */
const SWEEP_STEP = 100

/** The requests that wait, in Redis: as lasting as it is set up to be. */
export function createRedisQueue(
  redis: Runner,
  { limits: { requests, bytes, totalBytes }, now, dropped }: QueueOptions,
): QueueStore {
  let newest: Promise<unknown> = Promise.resolve()
  const settled = () =>
    newest.then(
      () => {},
      () => {},
    )

  return {
    async append(token, { head, body }) {
      const rest = body ? [Buffer.from(body.buffer, body.byteOffset, body.length)] : []
      const appended = ask(redis.relayAppend(TAG, token, now(), requests, bytes, totalBytes, head, ...rest))
      // Those before it were sent before it, and are answered before it.
      newest = appended
      const lost = await appended
      if (lost > 0) dropped(lost)
      return lost >= 0
    },

    async read(token, after, limit) {
      await settled()
      const rows = await ask(redis.relayReadBuffer(TAG, token, `${after}`, limit))
      return rows.map(([seq, head, body]) => ({
        seq: BigInt(seq.toString()),
        head: head.toString(),
        body: body ?? undefined,
      }))
    },

    async remove(token, seqs) {
      await ask(redis.relayRemove(TAG, token, ...seqs.map(String)))
    },

    async sweep() {
      while ((await ask(redis.relaySweep(TAG, now(), SWEEP_STEP))) === SWEEP_STEP);
    },

    settled,
  }
}
