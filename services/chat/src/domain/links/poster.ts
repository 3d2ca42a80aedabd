import type { Draft } from '../rooms/message.ts'
import type { Stored } from '../rooms/writer.ts'

/** What is to be brought to rooms and to channels, in its order. */
export interface Post {
  drafts: Draft[]
  frames: { topic: string; payload: Buffer }[]
}

export interface PosterOptions {
  store: {
    /** Stores, in this order, what is not stored yet, and answers all their numbers by id. Rejects where it does not answer. */
    appendOnce(drafts: readonly Draft[]): Promise<Map<string, number>>
  }
  bus: {
    publish(envelope: { topic: string; payload: Buffer }): void
    /** Rejects where the bus may not have taken all that was published before. */
    flush(): Promise<void>
    /** Rejects where somebody may miss what is published now. */
    heard(): Promise<void>
  }
  /** Messages that are stored, those of one room in the order of their numbers. */
  onStored(messages: readonly Stored[]): void
}

/** Of one write. */
const WRITE_MAX = 500

/** Posts for links. A post that rejects may be tried again: no room gets a message twice, a channel may. */
export function createPoster({ store, bus, onStored }: PosterOptions) {
  async function write(drafts: readonly Draft[]): Promise<void> {
    const numbers = await store.appendOnce(drafts)
    const stored = drafts.map((draft) => ({ draft, number: numbers.get(draft.id) ?? 0 }))
    if (stored.some(({ number }) => number === 0)) throw new Error('the database got to it too late')
    onStored(stored.sort((a, b) => a.number - b.number))
  }

  async function publish(frames: Post['frames']): Promise<void> {
    for (const frame of frames) bus.publish(frame)
    await bus.flush()
  }

  return {
    async post({ drafts, frames }: Post): Promise<void> {
      // Where channels may miss it, all of it waits: rooms and channels are told in one order.
      if (frames.length > 0) await bus.heard()
      for (let at = 0; at < drafts.length; at += WRITE_MAX) await write(drafts.slice(at, at + WRITE_MAX))
      if (frames.length > 0) await publish(frames)
    },
  }
}
