/**
 * The bus, or who was asked over it, is away; the same call may succeed later. Fastify answers `statusCode`. Its message
 * holds nothing of what the call was about, so that it may be logged.
 */
export class Unavailable extends Error {
  override name = 'Unavailable'
  readonly code = 'UNAVAILABLE'
  readonly statusCode = 503
}
