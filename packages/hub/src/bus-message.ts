import { decodeEnvelope, type Envelope, encodeEnvelope } from '@switchboard/protocol/bus'

const NEWLINE = 0x0a
/** No process id begins with it. */
const PROBE = 0x7e

/**
 * What goes through Redis is one process' envelopes for one topic: {@link senderLine}, then for each of them its length
 * in a line of its own and its bytes.
 */
export function encodePart(envelope: Envelope): Buffer {
  const bytes = encodeEnvelope(envelope)
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes])
}

/** None of what this process published itself, which is looked at no further, nor from where it is no message. */
export function decodeMessage(bytes: Buffer, self: Buffer): Envelope[] {
  if (bytes.length > self.length && bytes.compare(self, 0, self.length, 0, self.length) === 0) return []
  const envelopes: Envelope[] = []
  let at = bytes.indexOf(NEWLINE) + 1
  // A message begins with its sender.
  while (at > 1 && at < bytes.length) {
    const start = bytes.indexOf(NEWLINE, at) + 1
    const length = start === 0 ? Number.NaN : Number(bytes.toString('latin1', at, start - 1))
    const end = start + length
    const envelope = end <= bytes.length ? decodeEnvelope(bytes.subarray(start, end)) : undefined
    if (!envelope?.ok) break
    envelopes.push(envelope.value)
    at = end
  }
  return envelopes
}

/** What the messages of a process begin with. */
export const senderLine = (process: string): Buffer => Buffer.from(`${process}\n`)

/** What a process sends itself, to see that the bus carries. */
export const encodeProbe = (number: number): Buffer => Buffer.from(`~${number}`)

export function decodeProbe(bytes: Buffer): number | undefined {
  return bytes[0] === PROBE ? Number(bytes.toString('latin1', 1)) : undefined
}
