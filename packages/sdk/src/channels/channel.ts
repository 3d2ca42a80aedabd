import type { ChannelMessage } from '@switchboard/protocol/client/channels'
import type { Events } from '../core/events.ts'

export interface ChannelEvents {
  message: ChannelMessage
  /** Somebody is in the channel from now on; oneself, too. */
  join: { user: string }
  leave: { user: string }
}

/** A channel that the connection is in, and in again after every reconnection. What was said meanwhile is not brought. */
export interface Channel extends Events<ChannelEvents>, AsyncIterable<ChannelMessage, undefined, undefined> {
  /** Without leading `#`s. */
  readonly name: string
  /** Resolves when one is in it for the first time, rejects where that never happens. */
  readonly joined: Promise<void>
  /**
   * Resolves when it came back. Rejects with `UNCONFIRMED` where the connection broke or nothing came back in time (it may
   * have been heard), `BAD_MESSAGE` (more than 16 KiB), `BUFFER_FULL`, `ENDED`.
   */
  send(text: string, options?: { signal?: AbortSignal }): Promise<ChannelMessage>
  /** Who is in it, longest there first. */
  users(options?: { signal?: AbortSignal }): Promise<string[]>
  leave(): void
}
