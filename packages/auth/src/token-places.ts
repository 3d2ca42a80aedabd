import type { FastifyRequest } from 'fastify'

/** Where a route looks for a token, in this order; the first place that holds one decides. */
export interface TokenPlaces {
  /** `Authorization: Bearer …` */
  bearer?: true
  /** Names in the query. */
  query?: readonly string[]
  /** Names in the parsed body. */
  body?: readonly string[]
  /** The first WebSocket subprotocol that was offered. */
  subprotocol?: true
  /** The cookie `token`; never on an upgrade. */
  cookie?: true
}

/** What was found. A token that was given twice in one place is `''`'s opposite: there, and good for nothing. */
export interface FoundToken {
  token: string
  fromCookie: boolean
}

const BEARER = /^Bearer +(\S+) *$/i

/** Browsers' scripts write these where they have no token. Compared, because a Set would hash the whole token. */
const isNoToken = (text: string): boolean => text === '' || text === 'null' || text === 'undefined'

function named(values: unknown, names: readonly string[] = []): unknown {
  if (typeof values !== 'object' || values === null) return undefined
  for (const name of names) {
    const value: unknown = Object.hasOwn(values, name) ? (values as Record<string, unknown>)[name] : undefined
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

function firstSubprotocol(request: FastifyRequest): string | undefined {
  const first = request.headers['sec-websocket-protocol']?.split(',', 1)[0]?.trim()
  return first === undefined || isNoToken(first) ? undefined : first
}

/** A token that the client's program put there on purpose. */
function explicitToken(request: FastifyRequest, places: TokenPlaces): unknown {
  return (
    (places.bearer && BEARER.exec(request.headers.authorization ?? '')?.[1]) ||
    named(request.query, places.query) ||
    named(request.body, places.body) ||
    (places.subprotocol && firstSubprotocol(request))
  )
}

/** The token of a request, or `undefined`. What is there but is no text (a name given twice) is an impossible token. */
export function findToken(request: FastifyRequest, places: TokenPlaces): FoundToken | undefined {
  const explicit = explicitToken(request, places)
  if (explicit !== undefined && explicit !== false) {
    return { token: typeof explicit === 'string' ? explicit : ' ', fromCookie: false }
  }
  if (!places.cookie || request.headers.upgrade !== undefined) return undefined
  const token = request.cookies['token']
  return token ? { token, fromCookie: true } : undefined
}
