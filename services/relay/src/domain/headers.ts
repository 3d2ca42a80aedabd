import type { RequestHead } from '@switchboard/protocol/relay'
import { put } from './values.ts'

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
  const headers: Headers = {}
  for (const name of Object.keys(arrived)) {
    const value = arrived[name]
    if (value !== undefined) put(headers, name, value)
  }
  const cookie = typeof headers['cookie'] === 'string' ? withoutToken(headers['cookie']) : ''
  if (cookie === '') delete headers['cookie']
  else headers['cookie'] = cookie
  if (!isProxied || headers['x-real-ip'] === undefined) headers['x-real-ip'] = address
  if (!isProxied || headers['x-forwarded-for'] === undefined) headers['x-forwarded-for'] = address
  if (!isProxied || headers['x-forwarded-proto'] === undefined) headers['x-forwarded-proto'] = protocol
  return headers
}
