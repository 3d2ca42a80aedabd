import { channelTopic } from '@switchboard/protocol/between'
import { encodeDown, TYPES } from '@switchboard/protocol/channels'
import { TEXT_MAX, type Via } from '@switchboard/protocol/chat'
import type { Draft } from '../rooms/message.ts'

/** Something that links bring on. */
export interface Said {
  id: string
  /** As it is called elsewhere: `bob@channels`. */
  username: string
  via: Via
  text: string
}

/** Ids for what is posted: the same for the same words, and nobody else's. */
export type IdOf = (...words: readonly string[]) => string

/** A text as JSON in pieces that a message may hold. One is enough but for what comes from channels. */
function* pieces(text: string): Generator<string> {
  if (text.length <= TEXT_MAX) return yield JSON.stringify(text)
  const characters = [...text]
  for (let at = 0; at < characters.length; at += TEXT_MAX) {
    yield JSON.stringify(characters.slice(at, at + TEXT_MAX).join(''))
  }
}

/** @param sent milliseconds since the epoch */
export function draftsOf(
  { id, username, via, text }: Said,
  roomId: string,
  idOf: IdOf,
  sent: number,
): Draft[] {
  return [...pieces(text)].map((textJson, piece) => ({
    id: idOf(id, roomId, `${piece}`),
    roomId,
    sender: { id: 0, username, via },
    textJson,
    sent,
  }))
}

export const frameOf = ({ username, text }: Said, channel: string) => ({
  topic: channelTopic(channel),
  payload: Buffer.from(
    encodeDown({ type: TYPES.message, dest: `#${channel}`, message: text, user: username }),
  ),
})
