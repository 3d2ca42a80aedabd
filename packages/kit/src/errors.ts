import { ERRORS, type ErrorCode } from '@switchboard/protocol/errors'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable } from './database.ts'
import { HttpError, unavailable } from './http-error.ts'

/** A service's own form of an error: an object is sent as JSON, a string as text. */
export type ErrorBody = (error: HttpError, request: FastifyRequest) => object | string

/** Fastify's own refusals, by status, in the words of our table. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
}

/** Whatever a handler or Fastify threw, as what the client is told. What is not the client's doing is told in general words. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  const { statusCode: status = 500, message } = error as FastifyError
  if (status === 503 || isUnavailable(error)) return unavailable(error)
  if (status >= 400 && status < 500) {
    return new HttpError(CODE_OF_STATUS[status] ?? 'BAD_BINDING', message, { status, cause: error })
  }
  return new HttpError('INTERNAL', 'something went wrong here; it is in the log', { cause: error })
}

function answer(
  errorBody: ErrorBody,
  error: HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const body = errorBody(error, request)
  void reply.code(error.status).headers(error.headers)
  if (typeof body === 'string') void reply.type('text/plain; charset=utf-8')
  // A route's response schema may say nothing about errors, so the body goes out as it is.
  else void reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
  return reply.send(body)
}

/** Fastify's own words repeat the URL, which may hold a token or a code. */
function pathError(error: FastifyError): HttpError {
  const { statusCode: status = 500 } = error
  if (status !== 400 && status !== 414) return toHttpError(error)
  const message = status === 414 ? 'a part of the path is too long' : 'the path cannot be decoded'
  return new HttpError('BAD_BINDING', message, { status, cause: error })
}

/** What the router itself refuses (a URL that cannot be decoded, a parameter that is too long), before any hook. */
export const routerErrors =
  (errorBody: ErrorBody) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    // Nobody else would close the socket of an upgrade that was never routed.
    if (request.headers.upgrade !== undefined)
      reply.raw.once('finish', () => request.raw.socket.destroySoon())
    void answer(errorBody, pathError(error), request, reply)
  }

/** Answers unknown paths and every error in the service's own form. */
export function answerErrors(app: FastifyInstance, errorBody: ErrorBody): void {
  app.setNotFoundHandler((request, reply) =>
    answer(errorBody, new HttpError('NOT_FOUND', 'there is no such path'), request, reply),
  )
  app.setErrorHandler((error, request, reply) => {
    const told = toHttpError(error)
    if (told.status >= ERRORS.INTERNAL.status) {
      request.log.error({ err: told.cause ?? told, route: request.routeOptions.url }, 'a request failed')
    }
    return answer(errorBody, told, request, reply)
  })
}
