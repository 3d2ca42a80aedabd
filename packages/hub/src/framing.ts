/**
 * Payloads of one topic, collected in one turn of the event loop and never empty, to the WebSocket bytes (whole,
 * unmasked, unfragmented frames) that every member gets. Must not throw, nor keep or change what it was given.
 */
export type Framing = (payloads: readonly Buffer[]) => Buffer

/** RFC 6455 §5.2: FIN and the opcode of a text frame. */
const FIN_TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127

const headerSize = (length: number): number => (length < LENGTH_16 ? 2 : length < 0x10000 ? 4 : 10)

/** Writes the header of a text frame at `offset`; answers where its payload begins. */
function writeHeader(target: Buffer, offset: number, length: number): number {
  target[offset] = FIN_TEXT
  if (length < LENGTH_16) {
    target[offset + 1] = length
    return offset + 2
  }
  if (length < 0x10000) {
    target[offset + 1] = LENGTH_16
    return target.writeUInt16BE(length, offset + 2)
  }
  target[offset + 1] = LENGTH_64
  return target.writeUIntBE(length, target.writeUInt16BE(0, offset + 2), 6)
}

/** One text frame. Lone surrogates become U+FFFD, as everywhere in UTF-8. */
export function frameText(payload: string | Buffer): Buffer {
  const length = Buffer.byteLength(payload)
  const target = Buffer.allocUnsafe(headerSize(length) + length)
  const start = writeHeader(target, 0, length)
  if (typeof payload === 'string') target.write(payload, start)
  else target.set(payload, start)
  return target
}

/** The default framing: one text frame for each payload. */
export const frameEach: Framing = (payloads) => {
  let size = 0
  for (const { length } of payloads) size += headerSize(length) + length
  const target = Buffer.allocUnsafe(size)
  let offset = 0
  for (const payload of payloads) {
    offset = writeHeader(target, offset, payload.length)
    target.set(payload, offset)
    offset += payload.length
  }
  return target
}

/** The payloads of what a {@link Framing} made, for a connection that cannot be written to as bytes. */
export function payloadsOf(frames: Buffer): Buffer[] {
  const payloads: Buffer[] = []
  let offset = 0
  while (offset < frames.length) {
    const short = frames.readUInt8(offset + 1)
    const length =
      short === LENGTH_16
        ? frames.readUInt16BE(offset + 2)
        : short === LENGTH_64
          ? frames.readUIntBE(offset + 4, 6)
          : short
    const start = offset + headerSize(length)
    offset = start + length
    payloads.push(frames.subarray(start, offset))
  }
  return payloads
}
