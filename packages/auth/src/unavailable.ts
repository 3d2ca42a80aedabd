/**
 * Something that the call needs has no room or no answer just now; the same call may succeed later. Fastify answers
 * `statusCode`.
 */
export class Unavailable extends Error {
  override name = 'Unavailable'
  readonly code = 'UNAVAILABLE'
  readonly statusCode = 503
}
