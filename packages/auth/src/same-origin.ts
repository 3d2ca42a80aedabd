import type { FastifyRequest } from 'fastify'

/** `undefined` for what is no URL, as the `null` that sandboxed pages send. */
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
  if (asking === undefined) return false
  const own = originOf(`${request.protocol}://${request.host}`)
  return asking === own || allowed.some((one) => originOf(one) === asking)
}
