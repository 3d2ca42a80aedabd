import fc from 'fast-check'

export const masks = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes))

function lengthOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | length])
  if (length < 65_536) return Buffer.from([0x80 | 126, length >> 8, length & 0xff])
  const long = Buffer.alloc(9)
  long[0] = 0x80 | 127
  long.writeBigUInt64BE(BigInt(length), 1)
  return long
}

/** A masked frame, as clients send them (RFC 6455 §5.2). `first`: FIN, the reserved bits and the opcode. */
export const clientFrame = (first: number, payload: Uint8Array, mask: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([first]),
    lengthOf(payload.length),
    mask,
    payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)),
  ])
