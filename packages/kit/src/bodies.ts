import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './http-error.ts'

/**
 * JSON and forms are read as what they say they are. A text that does not say (`fetch` with a string sends
 * `text/plain`, some clients nothing at all) is read as JSON, which is what the clients of these documents mean.
 */
export async function readBodies(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser(['text/plain', '*'], { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(body as string) as unknown)
    } catch {
      done(new HttpError('BAD_BINDING', 'the body is neither JSON nor a form', { status: 400 }))
    }
  })
}
