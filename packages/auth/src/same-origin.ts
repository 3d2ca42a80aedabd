import type { FastifyRequest } from 'fastify'

/** `undefined`: not an origin. `null`, which sandboxed pages send, is none. */
function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}

/**
 * The request comes from a page of this origin or of one of `allowed`, or from no page at all: programs other than
 * browsers send neither `Origin` nor `Sec-Fetch-Site`.
 */
export function isSameOrigin(request: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin } = request.headers
  if (origin === undefined) {
    const site = request.headers['sec-fetch-site']
    return site === undefined || site === 'same-origin' || site === 'none'
  }
  const asking = originOf(origin)
  if (asking === undefined || asking === 'null') return false
  const own = originOf(`${request.protocol}://${request.host}`)
  return asking === own || allowed.some((one) => originOf(one) === asking)
}
