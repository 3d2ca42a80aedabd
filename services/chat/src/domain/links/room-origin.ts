import type { StoredMessage } from '@switchboard/protocol/chat'
import type { Clock } from '../clock.ts'
import type { Numbered } from '../rooms/message.ts'
import { BATCH_MAX, PACE_MS, type Work } from './bus-origin.ts'
import type { Pace } from './pace.ts'
import type { Post } from './poster.ts'
import { createRunner } from './runner.ts'
import type { Said } from './said.ts'

export interface RoomOriginOptions {
  roomId: string
  clock: Clock
  pace: Pace
  /** Every call rejects where the store does not answer. */
  store: {
    /** The room's oldest messages that were not brought on yet, ascending. */
    unforwarded(roomId: string, limit: number): Promise<Numbered<StoredMessage>[]>
    /** They are brought on up to this number. */
    forwarded(roomId: string, number: number): Promise<void>
  }
  postOf(batch: readonly Said[]): Promise<Post>
  post(post: Post): Promise<void>
  onError(error: unknown): void
}

/** What was brought into the room is not brought on; whoever did that reached everyone. */
function saidIn({ item: { id, sender, textJson } }: Numbered<StoredMessage>): Said[] {
  if (sender.via === 'channels') return []
  const username = sender.via === undefined ? `${sender.username}@chat` : sender.username
  return [{ id, username, via: 'channels', text: JSON.parse(textJson) as string }]
}

/** A room whose messages are brought on from the store, from where that last came to: whoever holds it next misses nothing. */
export function createRoomOrigin(options: RoomOriginOptions): Work {
  const { roomId, clock, pace, store, postOf, post, onError } = options
  let held = false

  async function work(): Promise<number | undefined> {
    if (!held) return undefined
    const count = Math.min(BATCH_MAX, pace.allowed())
    if (count < 1) return PACE_MS
    const messages = await store.unforwarded(roomId, count)
    const last = messages.at(-1)
    if (!last) return undefined
    const said = messages.flatMap(saidIn)
    if (said.length > 0) await post(await postOf(said))
    pace.spend(said.length)
    await store.forwarded(roomId, last.number)
    return messages.length < count ? undefined : 0
  }
  const runner = createRunner({ work, clock, onError })

  return {
    waiting: 0,
    lost: 0,
    hold() {
      held = true
      runner.wake()
    },
    letGo() {
      held = false
    },
    wake: () => runner.wake(),
    close: () => runner.stop(),
  }
}
