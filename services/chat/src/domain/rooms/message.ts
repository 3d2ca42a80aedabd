import type { Sender } from '@switchboard/protocol/chat'

/** A message that was not stored yet, so it has no number. */
export interface Draft {
  id: string
  roomId: string
  sender: Sender
  /** The text as JSON, quotes included. */
  textJson: string
  /** Milliseconds since the epoch. */
  sent: number
}

/** Something of a room with its number there, from 1. */
export interface Numbered<T> {
  number: number
  item: T
}
