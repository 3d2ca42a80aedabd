import type { RequestHead } from '@switchboard/protocol/relay'

type Headers = RequestHead['headers']

/** What the server knows about where a request came from. */
export interface Origin {
  /** The caller's address. */
  address: string
  protocol: string
  /** A trusted proxy said so: what it put into the headers stays. */
  isProxied: boolean
}

/** On one origin with other services, a cookie `token` may authorise its owner there. */
function withoutToken(cookie: string): string {
  const pairs = cookie.split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair !== '' && pair.split('=', 1)[0]?.trim() !== 'token').join('; ')
}

/** The headers that the client gets: those that arrived, without a cookie `token`, and with who asked. */
export function forwardedHeaders(
  arrived: Readonly<Record<string, string | string[] | undefined>>,
  { address, protocol, isProxied }: Origin,
): Headers {
  const headers: Headers = Object.create(null)
  for (const [name, value] of Object.entries(arrived)) if (value !== undefined) headers[name] = value
  const cookie = typeof headers['cookie'] === 'string' ? withoutToken(headers['cookie']) : ''
  if (cookie === '') delete headers['cookie']
  else headers['cookie'] = cookie
  const seen = { 'x-real-ip': address, 'x-forwarded-for': address, 'x-forwarded-proto': protocol }
  for (const [name, value] of Object.entries(seen))
    if (!isProxied || headers[name] === undefined) headers[name] = value
  return headers
}
