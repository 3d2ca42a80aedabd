import { HOP_BY_HOP } from '@switchboard/protocol/client/relay'

/** Headers by name, in lower case. */
export type Headers = Record<string, string | string[]>

/** Without those of the connection, the ones that `Connection` names included. */
function endToEnd(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const named = [headers['connection'] ?? []].flat().flatMap((value) => value.split(','))
  const local = new Set(named.map((name) => name.trim().toLowerCase()))
  const kept = Object.entries(headers).filter(
    (header): header is [string, string | string[]] =>
      header[1] !== undefined && !HOP_BY_HOP.includes(header[0]) && !local.has(header[0]),
  )
  return Object.fromEntries(kept)
}

/**
 * What the local server gets: it is asked by its own name, as many take no other, and finds the public one in
 * `x-forwarded-host`. The length is that of the body as it came, and nothing is left to expect.
 */
export function requestHeaders(arrived: Headers, target: URL, bodyLength: number | undefined): Headers {
  const { host, expect, 'content-length': _, ...rest } = endToEnd(arrived)
  return {
    ...(host !== undefined && { 'x-forwarded-host': host }),
    ...rest,
    host: target.host,
    ...(bodyLength !== undefined && { 'content-length': String(bodyLength) }),
  }
}

/** What the caller gets; the relay counts the body itself. */
export function answerHeaders(arrived: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const { 'content-length': _, ...rest } = endToEnd(arrived)
  return rest
}
