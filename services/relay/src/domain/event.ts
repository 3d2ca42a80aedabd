import { type Body, parseBody } from './body.ts'
import type { Incoming } from './incoming.ts'
import { type Named, parseValues, put, type Values } from './values.ts'

const base64 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('base64')

/** Own properties only, whatever they are named, later ones winning. */
function merge(token: string, ...parts: Named<unknown>[]): Named<unknown> {
  const params: Named<unknown> = {}
  for (const part of parts) for (const name of Object.keys(part)) put(params, name, part[name])
  params['token'] = token
  return params
}

/** Members of JSON objects as they were written, and the token, in another one. */
function joined(object: string, token: string): string {
  const members = object.slice(object.indexOf('{') + 1, object.lastIndexOf('}')).trim()
  return `{${members}${members === '' ? '' : ','}"token":${JSON.stringify(token)}}`
}

function encodeParams(token: string, query: Values, body: Body | undefined): string {
  const { json, members = {} } = body ?? {}
  const isBodyAlone = json !== undefined && body?.isObject && Object.keys(query).length === 0
  if (isBodyAlone && !Object.hasOwn(members, 'token')) return joined(json, token)
  return JSON.stringify(merge(token, query, members))
}

function encodeBody(bytes: Uint8Array, { json, value }: Body): string {
  return `"body":${json ?? JSON.stringify(value)},"rawBody":"${base64(bytes)}",`
}

/**
 * The argument of the event `request`, as JSON: a `RequestObject` of the protocol. A JSON body is in it as it was
 * written, because writing it twice anew would be the greater part of what a request costs.
 */
export function encodeRequest(token: string, { body: bytes, ...head }: Incoming): string {
  const { headers, url, method, id, receivedAt } = head
  const question = url.indexOf('?')
  const path = question === -1 ? url : url.slice(0, question)
  const query = parseValues(question === -1 ? '' : url.slice(question + 1))
  const contentType = headers['content-type']
  const body = bytes && parseBody(bytes, typeof contentType === 'string' ? contentType : '')
  const rest = JSON.stringify({ method, path, url, query, id, receivedAt })
  return `{"headers":${JSON.stringify(headers)},"params":${encodeParams(token, query, body)},${
    bytes && body ? encodeBody(bytes, body) : ''
  }${rest.slice(1)}`
}
