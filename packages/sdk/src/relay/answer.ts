import type { Acknowledgement } from '@switchboard/protocol/client/relay'
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

function bytesOf(body: unknown): number {
  if (ArrayBuffer.isView(body)) return body.byteLength
  try {
    return UTF_8.encode(typeof body === 'string' ? body : JSON.stringify(body ?? '')).length
  } catch {
    return refuse('BAD_MESSAGE', 'the body of an answer cannot be written as JSON')
  }
}

/** What the relay would take for no answer at all is refused here. @throws SwitchboardError */
export function acknowledgement({ status = 200, body, headers = {} }: Answer): Acknowledgement {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    refuse('BAD_MESSAGE', 'the status of an answer must be 200 to 599')
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat()] as const)
  try {
    const checked = new Headers()
    for (const [name, values] of entries) for (const value of values) checked.append(name, value)
  } catch {
    refuse('BAD_MESSAGE', 'HTTP does not allow a header of an answer')
  }
  if (bytesOf(body) > ANSWER_MAX_BYTES) refuse('TOO_LARGE', 'an answer has at most 2 MiB')
  return [status, body ?? null, Object.fromEntries(entries)]
}
