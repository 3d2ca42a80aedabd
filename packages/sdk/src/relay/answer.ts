import { type Acknowledgement, HEADER_NAME, HEADER_VALUE } from '@switchboard/protocol/client/relay'
import { SwitchboardError } from '../core/errors.ts'

/** What the caller of a relayed request gets. */
export interface Answer {
  /** 200 to 599; 200 unless told. */
  status?: number
  /**
   * A text goes out as `text/plain` and bytes as `application/octet-stream` unless the headers say otherwise, everything
   * else as JSON. `OK` unless told. At most 2 MiB, and a text 4 MB as a JSON string.
   */
  body?: unknown
  /** The relay drops those of the connection and some that would rule its whole origin, `set-cookie` among them. */
  headers?: Readonly<Record<string, string | readonly string[]>>
}

const ANSWER_MAX_BYTES = 2 * 1024 * 1024
/** A packet has at most 4 MiB, headers included. */
const JSON_MAX_BYTES = 4_000_000
const UTF_8 = new TextEncoder()

const refuse = (code: 'BAD_MESSAGE' | 'TOO_LARGE', what: string): never => {
  throw new SwitchboardError(code, what, false)
}

/** A text, too, is written as JSON on its way. */
function isTooLarge(body: unknown): boolean {
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return body.byteLength > ANSWER_MAX_BYTES
  const json = UTF_8.encode(toJson(body)).length
  return (
    json > JSON_MAX_BYTES || (typeof body === 'string' ? UTF_8.encode(body).length : json) > ANSWER_MAX_BYTES
  )
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body ?? '')
  } catch {
    return refuse('BAD_MESSAGE', 'the body of an answer cannot be written as JSON')
  }
}

/** What the relay would take for no answer at all is refused here. @throws SwitchboardError */
export function acknowledgement({ status = 200, body, headers = {} }: Answer): Acknowledgement {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    refuse('BAD_MESSAGE', 'the status of an answer must be 200 to 599')
  for (const [name, value] of Object.entries(headers))
    if (!HEADER_NAME.test(name) || ![value].flat().every((one) => HEADER_VALUE.test(one)))
      refuse('BAD_MESSAGE', 'HTTP does not allow a header of an answer')
  if (isTooLarge(body)) refuse('TOO_LARGE', 'an answer has at most 2 MiB')
  return [status, body ?? null, headers]
}
