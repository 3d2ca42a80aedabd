import { type Check, isCount, isText, listOf, objectOf, optional, recordOf } from './check.ts'

/** Of a request's headers and query: a name that came several times has all its values. */
export type Values = Record<string, string | string[]>

/** RFC 9110 §7.6.1, and those that were in use before it: they are about one connection, not about the message. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** A request to a token's URL, as its client gets it. */
export interface RequestObject {
  /** As they arrived, names in lower case, without a cookie named `token`. */
  headers: Values
  /** Query, form and JSON members, later ones winning in that order; `token` is always the URL's. */
  params: Record<string, unknown>
  /** Parsed JSON, parsed form, or the text; absent where the request had no body. */
  body?: unknown
  /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. */
  method: string
  /** What follows the token, percent-encoded as it arrived; `/` where nothing does. */
  path: string
  /** `path` with the query. */
  url: string
  query: Values
  /** The body in base64, byte for byte; absent where there is none. */
  rawBody?: string | undefined
  /** The same each time this request is delivered. */
  id: string
  /** Milliseconds since the epoch, by the relay's clock. */
  receivedAt: number
}

const isTexts = listOf(isText)
const isValues: Check<Values> = recordOf(
  (value): value is string | string[] => isText(value) || isTexts(value),
)
const isAnything = (_value: unknown): _value is unknown => true
const isPath = (value: unknown): value is string => isText(value) && value.startsWith('/')

export const isRequest: Check<RequestObject> = objectOf<RequestObject>({
  headers: isValues,
  params: recordOf(isAnything),
  body: isAnything,
  method: isText,
  path: isPath,
  url: isPath,
  query: isValues,
  rawBody: optional(isText),
  id: isText,
  receivedAt: isCount,
})

/** What `/v1/new` answers. */
export const isToken = (text: string): boolean => /^[a-z0-9]{26}$/.test(text)

/** An acknowledgement's arguments: status, body, headers. */
export type Acknowledgement = [
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>>,
]

/** RFC 9110 §5.6.2, and what Node takes as a field's value. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
