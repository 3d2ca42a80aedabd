import type { ServerResponse } from 'node:http'

/**
 * Aborts when the client goes away before it was answered. (Fastify's `request.signal` aborts as soon as the body was
 * read: it follows the request's `close`, not the connection's.)
 */
export function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}
