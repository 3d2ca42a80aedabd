import { joinMessages } from '@switchboard/protocol/chat'
import type { Feed } from './feeds.ts'
import type { Numbered } from './message.ts'

/** What someone missed, ascending; the newest where it is more than is sent. */
export interface Missed {
  messages: readonly Numbered<string>[]
  /** There was more, or nobody knows what was missed. */
  more: boolean
}

/** What is needed of a connection. */
export interface Receiver {
  readonly open: boolean
  send(frame: string): void
  drained(): Promise<void>
}

/** Characters of one frame; a longer history goes out in several, each when the one before is gone. */
const FRAME_LENGTH = 64 * 1024
/** Bytes of live messages that wait for someone who reads what was missed too slowly. */
const TAP_MAX_BYTES = 1024 * 1024

/** Frames of whole messages, of about {@link FRAME_LENGTH}. */
function* frames(messages: readonly string[]): Generator<string> {
  let start = 0
  let length = 0
  for (const [index, message] of messages.entries()) {
    if (length > 0 && length + message.length > FRAME_LENGTH) {
      yield joinMessages(messages.slice(start, index))
      start = index
      length = 0
    }
    length += message.length
  }
  if (start < messages.length) yield joinMessages(messages.slice(start))
}

/**
 * Sends what was missed and what was said meanwhile, and enters the room between two messages: nothing is missing and
 * nothing comes twice.
 *
 * @param enter makes the receiver a member
 * @returns false where the receiver read too slowly
 */
export async function catchUp(
  receiver: Receiver,
  feed: Feed,
  readMissed: () => Promise<Missed>,
  enter: () => Promise<void>,
): Promise<boolean> {
  const tap = feed.tap()
  let release: (() => void) | undefined
  try {
    const { messages, more } = await readMissed()
    // The store may be ahead of this process; what is not delivered here yet comes live.
    const delivered = feed.last()
    const known = messages.filter(({ number }) => number <= delivered)
    const read = known.at(-1)?.number ?? 0
    if (more) receiver.send(joinMessages([]))
    for (const frame of frames(known.map(({ item }) => item))) {
      receiver.send(frame)
      await receiver.drained()
      if (!receiver.open) return true
      if (tap.bytes > TAP_MAX_BYTES) return false
    }
    release = feed.hold()
    await enter()
    const since = tap.messages.filter(({ number }) => number > read).map(({ item }) => item.toString())
    for (const frame of frames(since)) receiver.send(frame)
    return true
  } finally {
    release?.()
    tap.stop()
  }
}
