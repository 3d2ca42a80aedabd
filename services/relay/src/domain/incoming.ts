import { decodeRequestHead, type RequestHead } from '@switchboard/protocol/relay'
import { ok, type Result } from '@switchboard/protocol/result'

/** A request on its way to a client. */
export interface Incoming extends RequestHead {
  /** Byte for byte. */
  body: Uint8Array | undefined
}

/** Its two parts, as the queue keeps them. */
export interface Parcel {
  head: string
  body: Uint8Array | undefined
}

export const toParcel = ({ body, ...head }: Incoming): Parcel => ({ head: JSON.stringify(head), body })

export function fromParcel({ head, body }: Parcel): Result<Incoming> {
  const decoded = decodeRequestHead(head)
  return decoded.ok ? ok({ ...decoded.value, body }) : decoded
}
