import { type Static, Type } from 'typebox'
import { HEADER_NAME, HEADER_VALUE, HOP_BY_HOP } from './client/relay.ts'
import { checker, jsonDecoder } from './decode.ts'
import { err, ok, type Result } from './result.ts'

/** Characters of a token, each one of 36: 134 random bits. */
export const TOKEN_LENGTH = 26

/** What `/v1/new` answers, bare, as `text/plain`. */
export const Token = Type.String({ pattern: `^[a-z0-9]{${TOKEN_LENGTH}}$` })

/** Methods that are forwarded; any other is not found. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

/** Milliseconds that a request's answer waits for the client's acknowledgement, as long as the original server did. */
export const ACK_PATIENCE_MS = 5_000

/** Most bytes of a request's body. */
export const BODY_MAX_BYTES = 2 * 1024 * 1024

/** Most bytes of one packet from a client: an acknowledgement with a body of 2 MiB, escaped or in base64, fits. */
export const PACKET_MAX_BYTES = 4 * 1024 * 1024

/** What waits for one client that is not connected; past either the oldest request is dropped. */
export const QUEUE_MAX = { requests: 1_000, bytes: 16 * 1024 * 1024 } as const

/** In each answer that a client's token got: whether the request reached the client. */
export const DELIVERY_HEADER = 'x-relay-delivery'

const Values = Type.Union([Type.String(), Type.Array(Type.String())])

/** The event `request`, server to client. */
export const RequestObject = Type.Object({
  /** As they arrived, names in lower case, without a cookie named `token`. */
  headers: Type.Record(Type.String(), Values),
  /** Query, form and JSON members, later ones winning in that order; `token` is always the path's. */
  params: Type.Intersect([Type.Object({ token: Type.String() }), Type.Record(Type.String(), Type.Unknown())]),
  /** Parsed JSON, parsed form, or the text; absent where the request had no body. */
  body: Type.Optional(Type.Unknown()),
  method: Type.Enum(METHODS),
  /** What follows the token, percent-encoded as it arrived; `/` where nothing does. */
  path: Type.String({ pattern: '^/' }),
  /** `path` with the query. */
  url: Type.String({ pattern: '^/' }),
  query: Type.Record(Type.String(), Values),
  /** The body in base64, byte for byte; absent where there is none. */
  rawBody: Type.Optional(Type.String()),
  /** The same each time this request is delivered. */
  id: Type.String({ minLength: 1 }),
  /** Milliseconds since the epoch. */
  receivedAt: Type.Integer({ minimum: 0 }),
})
export type RequestObject = Static<typeof RequestObject>

/** A request as processes hand it on and as it is kept, beside its body: what the event is made of. */
export const RequestHead = Type.Object({
  id: Type.String({ minLength: 1 }),
  receivedAt: Type.Integer({ minimum: 0 }),
  method: Type.Enum(METHODS),
  url: Type.String({ pattern: '^/' }),
  headers: Type.Record(Type.String(), Values),
})
export type RequestHead = Static<typeof RequestHead>
export const decodeRequestHead = jsonDecoder(RequestHead)

const HeaderValue = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String())])

/**
 * An acknowledgement's arguments, client to server: status, body, headers, each of them optional; `null` counts as
 * left out. A first argument that is neither a number nor `null` is the body, as it was with the original server.
 */
export const Acknowledgement = Type.Array(Type.Unknown())

const Headers = Type.Record(Type.String(), HeaderValue)
const checkHeaders = checker(Headers)

/** The HTTP answer that an acknowledgement asks for. */
export interface Answer {
  /** 200 to 599. */
  status: number
  /** Names in lower case. */
  headers: Record<string, string | string[]>
  body: string | Uint8Array
}

/**
 * Headers that an answer never takes from the client: those of the connection (RFC 9110 §7.6.1), those that would
 * change what a browser does with the whole origin, and those that the relay sets itself.
 */
const DROPPED = new Set([
  ...HOP_BY_HOP,
  'content-length',
  'set-cookie',
  'set-cookie2',
  'service-worker-allowed',
  'clear-site-data',
  'strict-transport-security',
  'alt-svc',
  'cache-control',
  'x-content-type-options',
  DELIVERY_HEADER,
])
const DROPPED_PREFIXES = ['content-security-policy', 'access-control-']

const isDropped = (name: string): boolean =>
  DROPPED.has(name) || DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix))

/** Statuses whose answers have no body: RFC 9110 §15. */
const BODILESS = new Set([204, 205, 304])

function answerHeaders(given: unknown): Result<Answer['headers']> {
  const checked = checkHeaders(given ?? {})
  if (!checked.ok || Array.isArray(given)) return err('headers: must be an object of texts')
  const entries = Object.entries(checked.value).map(([name, value]) => [name.toLowerCase(), value] as const)
  // A `Connection` header names further headers of the connection.
  const named = entries
    .filter(([name]) => name === 'connection')
    .flatMap(([, value]) => String(value).split(','))
  const local = new Set(named.map((name) => name.trim().toLowerCase()))
  const headers: Answer['headers'] = Object.create(null)
  for (const [name, value] of entries) {
    if (isDropped(name) || local.has(name)) continue
    const values = Array.isArray(value) ? value : [String(value)]
    if (!HEADER_NAME.test(name) || !values.every((one) => HEADER_VALUE.test(one)))
      return err('headers: HTTP does not allow one of them')
    // A list of one is one: what reads a content type knows no lists.
    headers[name] = Array.isArray(value) && value.length !== 1 ? value : String(value)
  }
  return ok(headers)
}

function typed(answer: Answer, type: string): Answer {
  answer.headers['content-type'] ??= type
  return answer
}

function answerOf(status: number, body: unknown, headers: Answer['headers']): Result<Answer> {
  if (BODILESS.has(status)) return ok({ status, headers, body: '' })
  const given = body ?? 'OK'
  if (typeof given === 'string')
    return ok(typed({ status, headers, body: given }, 'text/plain; charset=utf-8'))
  if (given instanceof Uint8Array)
    return ok(typed({ status, headers, body: given }, 'application/octet-stream'))
  try {
    return ok(typed({ status, headers, body: JSON.stringify(given) }, 'application/json; charset=utf-8'))
  } catch {
    // What JSON can be parsed from is not always what it can be made of: the nesting may be too deep for the stack.
    return err('body: cannot be written as JSON')
  }
}

/** The answer that the arguments of an acknowledgement ask for; an error counts as no acknowledgement. */
export function decodeAcknowledgement(args: readonly unknown[]): Result<Answer> {
  const [first, ...rest] = args
  const isStatus = typeof first === 'number' || first === undefined || first === null
  const status = typeof first === 'number' ? first : 200
  const [body, given] = isStatus ? rest : args
  if (!Number.isInteger(status) || status < 200 || status > 599) return err('status: must be 200 to 599')
  const headers = answerHeaders(given)
  return headers.ok ? answerOf(status, body, headers.value) : headers
}

/** Every message of this wire, by its name in the spec page. */
export const DOWN = { token: Token, request: RequestObject } as const
export const UP = { ack: Acknowledgement } as const
