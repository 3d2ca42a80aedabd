/** The client's side of RFC 6455, as far as a load needs it: whole frames, no extensions, nothing allocated per frame. */

export const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Any fixed key does: the server has to undo it all the same, and nobody is between who could be fooled. */
const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

const KEY_BYTES = KEY.length

/** The byte that masks the payload's byte at `index`. */
export const maskAt = (index: number): number => KEY[index % KEY_BYTES] as number

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, 0x80 | length])
  const wide = length > 0xffff
  const bytes = Buffer.alloc(wide ? 10 : 4)
  bytes[0] = 0x80 | opcode
  bytes[1] = 0x80 | (wide ? 127 : 126)
  if (wide) bytes.writeBigUInt64BE(BigInt(length), 2)
  else bytes.writeUInt16BE(length, 2)
  return bytes
}

/** One masked frame. */
export function encodeFrame(opcode: number, payload: string | Buffer): Buffer {
  const plain = typeof payload === 'string' ? Buffer.from(payload) : payload
  const frame = Buffer.concat([header(opcode, plain.length), KEY, plain])
  const start = frame.length - plain.length
  for (let i = 0; i < plain.length; i++) frame[start + i] = (plain[i] as number) ^ maskAt(i)
  return frame
}

export interface FrameReader {
  /** The payload is `bytes[start..end)`, there until this returns. */
  frame(opcode: number, bytes: Buffer, start: number, end: number): void
}

/** What no server that is measured here sends. */
export class BadFrame extends Error {
  override name = 'BadFrame'
}

/** Largest payload, bytes; a length beyond is garbage. */
const PAYLOAD_MAX = 16 * 1024 * 1024

/**
 * Hands the whole frames in `bytes[at..end)` to `reader`, in order.
 * @returns where the first frame that is not whole yet begins; `end` where there is none
 * @throws BadFrame for reserved bits, a masked frame, a fragment or an absurd length
 */
export function readFrames(bytes: Buffer, at: number, end: number, reader: FrameReader): number {
  while (end - at >= 2) {
    const first = bytes[at] as number
    let length = bytes[at + 1] as number
    if ((first & 0xf0) !== 0x80) throw new BadFrame('a fragment, or reserved bits are set')
    if (length > 127) throw new BadFrame('a server does not mask')
    let start = at + 2
    if (length === 126) {
      if (end - at < 4) return at
      length = bytes.readUInt16BE(start)
      start += 2
    } else if (length === 127) {
      if (end - at < 10) return at
      length = bytes.readUInt32BE(start) * 2 ** 32 + bytes.readUInt32BE(start + 4)
      if (length > PAYLOAD_MAX) throw new BadFrame(`a frame of ${length} bytes`)
      start += 8
    }
    if (end - start < length) return at
    at = start + length
    reader.frame(first & 0x0f, bytes, start, at)
  }
  return at
}
