import { type Acknowledgement, HEADER_NAME, HEADER_VALUE } from '@switchboard/protocol/client/relay'
import { SwitchboardError } from '../core/errors.ts'

/** What the caller of a relayed request gets. */
export interface Answer {
  /** 200 to 599; 200 unless told. */
  status?: number
  /**
   * A text goes out as `text/plain` and bytes as `application/octet-stream` unless the headers say otherwise, everything
   * else as JSON. `OK` unless told. At most 2 MiB.
   */
  body?: unknown
  /** The relay drops those of the connection and some that would rule its whole origin, `set-cookie` among them. */
  headers?: Readonly<Record<string, string | readonly string[]>>
}

const ANSWER_MAX_BYTES = 2 * 1024 * 1024
const UTF_8 = new TextEncoder()

const refuse = (code: 'BAD_MESSAGE' | 'TOO_LARGE', what: string): never => {
  throw new SwitchboardError(code, what, false)
}

/** A text is written as JSON on its way, into a packet of at most 4 MiB. */
function bytesOf(body: unknown): number {
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return body.byteLength
  try {
    const { length } = UTF_8.encode(JSON.stringify(body ?? ''))
    return typeof body === 'string' ? Math.max(UTF_8.encode(body).length, length / 2) : length
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
  if (bytesOf(body) > ANSWER_MAX_BYTES) refuse('TOO_LARGE', 'an answer has at most 2 MiB')
  return [status, body ?? null, headers]
}
