import { type Framing, frameText } from '@switchboard/hub/framing'

const OPEN = Buffer.from('[')
const COMMA = Buffer.from(',')
const CLOSE = Buffer.from(']')

/** Messages of one turn, JSON already, in one array and one text frame. */
export const frameArray: Framing = (messages) => {
  const parts: Buffer[] = []
  for (const message of messages) parts.push(parts.length === 0 ? OPEN : COMMA, message)
  return frameText(Buffer.concat([...parts, CLOSE]))
}
