import { UUID } from '@switchboard/protocol/chat'

/** An account's id; NaN, which is nobody's, for what cannot be one. */
export const parseId = (text: string): number => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN)

/** The id of a room or message as it is stored; `undefined` for what cannot be one. */
export function parseUuid(text: string): string | undefined {
  const id = text.toLowerCase()
  return UUID.test(id) ? id : undefined
}
