import { createHash } from 'node:crypto'
import type { IdOf } from '../../domain/links/said.ts'

/** What a link to a relay token keeps of it. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** A UUID of version 8 (RFC 9562 §5.8: made as one likes) from the words' SHA-256. */
export const idOf: IdOf = (...words) => {
  const bytes = createHash('sha256').update(JSON.stringify(words)).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
