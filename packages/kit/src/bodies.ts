import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './http-error.ts'

/**
 * JSON and forms are read as what they say they are. A text that does not say (`fetch` with a string sends
 * `text/plain`, some clients nothing at all) is read as JSON, which is what the clients of these documents mean. No
 * bytes are no body, whatever type they have: some clients send a type with every request.
 */
export async function readBodies(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser(
    ['application/json', 'text/plain', '*'],
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') return done(null, undefined)
      // The error of a JSON parser may quote what it read, a password for instance.
      return parseJson(request, body as string, (error, value) =>
        error
          ? done(new HttpError('BAD_BINDING', 'the body is neither JSON nor a form', { status: 400 }))
          : done(null, value),
      )
    },
  )
}
