import { decodeEnvelope, type Envelope } from '@switchboard/protocol/bus'

const NEWLINE = 0x0a
/** No process id begins with it. */
const PROBE = 0x7e

/** An envelope as it goes through Redis: the publishing process in a line of its own, then `encodeEnvelope`'s bytes. */
export function encodeMessage(process: string, { payload, ...header }: Envelope): Buffer {
  return Buffer.concat([Buffer.from(`${process}\n${JSON.stringify(header)}\n`), payload])
}

/** `undefined` for what this process published itself, which is looked at no further, and for what is no message. */
export function decodeMessage(bytes: Buffer, self: Buffer): Envelope | undefined {
  if (bytes.length > self.length && bytes.compare(self, 0, self.length, 0, self.length) === 0)
    return undefined
  const end = bytes.indexOf(NEWLINE)
  if (end <= 0) return undefined
  const envelope = decodeEnvelope(bytes.subarray(end + 1))
  return envelope.ok ? envelope.value : undefined
}

/** What the messages of a process begin with. */
export const senderLine = (process: string): Buffer => Buffer.from(`${process}\n`)

/** What a process sends itself, to see that the bus carries. */
export const encodeProbe = (number: number): Buffer => Buffer.from(`~${number}`)

export function decodeProbe(bytes: Buffer): number | undefined {
  return bytes[0] === PROBE ? Number(bytes.toString('latin1', 1)) : undefined
}
