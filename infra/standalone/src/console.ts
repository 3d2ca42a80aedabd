import files from '@fastify/static'
import { CACHE, FOLDER, HEADERS } from '@switchboard/console/serving'
import fastify, { type FastifyInstance } from 'fastify'

/** The page, as an app that does not listen, like the services'. What it does not have is `notFound`'s to answer. */
export async function createConsole(notFound: string): Promise<FastifyInstance> {
  const app = fastify()
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('application/json; charset=utf-8').send(notFound),
  )
  await app.register(files, {
    root: FOLDER,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.headers(HEADERS)
      reply.header('cache-control', path.includes('/assets/') ? CACHE.asset : CACHE.page)
    },
  })
  return app
}
