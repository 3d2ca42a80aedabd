import { decodeRequestHead, type RequestHead, type RequestObject } from '@switchboard/protocol/relay'
import { ok, type Result } from '@switchboard/protocol/result'
import { type Body, parseBody } from './body.ts'
import { type Named, parseValues, put } from './values.ts'

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

const base64 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('base64')

/** Own properties only, whatever they are named, later ones winning. */
function merge(token: string, ...parts: Named<unknown>[]): RequestObject['params'] {
  const params = {} as RequestObject['params']
  for (const part of parts) for (const name of Object.keys(part)) put(params, name, part[name])
  params.token = token
  return params
}

/** The event's argument. */
export function requestObject(token: string, { body, ...head }: Incoming): RequestObject {
  const question = head.url.indexOf('?')
  const path = question === -1 ? head.url : head.url.slice(0, question)
  const query = parseValues(question === -1 ? '' : head.url.slice(question + 1))
  const contentType = head.headers['content-type']
  const parsed: Body | undefined = body && parseBody(body, typeof contentType === 'string' ? contentType : '')
  return {
    headers: head.headers,
    params: merge(token, query, parsed?.members ?? {}),
    ...(body && { body: parsed?.value, rawBody: base64(body) }),
    method: head.method,
    path,
    url: head.url,
    query,
    id: head.id,
    receivedAt: head.receivedAt,
  }
}
