import { isUtf8 } from 'node:buffer'

/** RFC 6455 §5.2: FIN and the opcode of a text frame, and of a pong; MASK; the length that stands for one of 16 bits. */
const FIN_TEXT = 0x81
const FIN_PONG = 0x8a
const MASK = 0x80
const LENGTH_16 = 126

/** Before the payload of a masked frame of up to 125 bytes, and of up to 65,535. */
const SHORT_HEADER = 6
const LONG_HEADER = 8

const headerSize = (bytes: Buffer, start: number): number =>
  bytes[start + 1] === (MASK | LENGTH_16) ? LONG_HEADER : SHORT_HEADER

/**
 * What the second byte of the frame at `start` says of its length; negative where the frame does not begin with `first`, has
 * no mask, or has not come as far as its shortest header before `limit`.
 */
const lengthAt = (bytes: Buffer, start: number, limit: number, first: number): number =>
  start + SHORT_HEADER > limit || bytes[start] !== first ? -1 : (bytes[start + 1] ?? 0) - MASK

/**
 * Where the frame at `start` ends, if it is a text that a client sent whole, and all of it has come before `limit`;
 * else `start`. For up to 65,535 bytes of text.
 */
export function endOfTextFrame(bytes: Buffer, start: number, limit: number): number {
  const length = lengthAt(bytes, start, limit, FIN_TEXT)
  if (length < 0 || length > LENGTH_16) return start
  const end =
    length < LENGTH_16 ? start + SHORT_HEADER + length : start + LONG_HEADER + bytes.readUInt16BE(start + 2)
  return end <= limit ? end : start
}

/** Where the frame at `start` ends, if it is a client's pong, and all of it has come before `limit`; else `start`. */
export function endOfPong(bytes: Buffer, start: number, limit: number): number {
  const length = lengthAt(bytes, start, limit, FIN_PONG)
  const end = start + SHORT_HEADER + length
  return length >= 0 && length < LENGTH_16 && end <= limit ? end : start
}

/** Bytes of text in the frame from `start` to `end`. */
export const textSize = (bytes: Buffer, start: number, end: number): number =>
  end - start - headerSize(bytes, start)

/** The text in the frame from `start` to `end`, or `undefined`: it is not UTF-8, and the bytes are as they were. */
export function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  const payload = start + headerSize(bytes, start)
  if (unmask(bytes, payload, end)) return bytes.toString('latin1', payload, end)
  if (isUtf8(bytes.subarray(payload, end))) return bytes.toString('utf8', payload, end)
  unmask(bytes, payload, end)
  return undefined
}

/** In place, by the mask that stands before it; once more undoes it. Answers whether all of it is ASCII now. */
function unmask(bytes: Buffer, start: number, end: number): boolean {
  const a = bytes[start - 4] ?? 0
  const b = bytes[start - 3] ?? 0
  const c = bytes[start - 2] ?? 0
  const d = bytes[start - 1] ?? 0
  let seen = 0
  let at = start
  for (; at + 3 < end; at += 4) {
    const first = (bytes[at] ?? 0) ^ a
    const second = (bytes[at + 1] ?? 0) ^ b
    const third = (bytes[at + 2] ?? 0) ^ c
    const fourth = (bytes[at + 3] ?? 0) ^ d
    bytes[at] = first
    bytes[at + 1] = second
    bytes[at + 2] = third
    bytes[at + 3] = fourth
    seen |= first | second | third | fourth
  }
  for (let mask = start - 4; at < end; at++, mask++) {
    const byte = (bytes[at] ?? 0) ^ (bytes[mask] ?? 0)
    bytes[at] = byte
    seen |= byte
  }
  return seen < 0x80
}
