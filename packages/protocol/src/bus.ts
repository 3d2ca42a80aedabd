import { type Static, Type } from 'typebox'
import { jsonDecoder } from './decode.ts'
import { err, ok, type Result } from './result.ts'

/** The few fields that routing needs, beside a payload that nobody on the way parses. */
const EnvelopeHeader = Type.Object({
  /** Where it goes: `<service>:<kind>:<name>`. */
  topic: Type.String({ minLength: 1 }),
  /** A connection that must not get it, `<process>.<n>`. */
  except: Type.Optional(Type.String()),
  /** Its number in a numbered topic (a chat room), from 1. */
  seq: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Tells it from every other of its topic, for those who keep what they hear and must not keep it twice. */
  id: Type.Optional(Type.String()),
})

/** What crosses the bus. `payload` is the finished client message, or what one service tells itself, in UTF-8. */
export interface Envelope extends Static<typeof EnvelopeHeader> {
  payload: Buffer
}

const decodeHeader = jsonDecoder(EnvelopeHeader)
const NEWLINE = 0x0a

/** One line of JSON, then the payload byte for byte. */
export function encodeEnvelope({ payload, ...header }: Envelope): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload])
}

export function decodeEnvelope(bytes: Buffer): Result<Envelope> {
  const end = bytes.indexOf(NEWLINE)
  if (end === -1) return err('no header line')
  const header = decodeHeader(bytes.toString('utf8', 0, end))
  return header.ok ? ok({ ...header.value, payload: bytes.subarray(end + 1) }) : header
}
