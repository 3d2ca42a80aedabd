import { randomUUID } from 'node:crypto'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { BODY_MAX_BYTES, DELIVERY_HEADER, METHODS, type Method } from '@switchboard/protocol/relay'
import type { FastifyRequest } from 'fastify'
import { forwardedHeaders } from '../domain/headers.ts'
import type { Incoming } from '../domain/incoming.ts'
import type { Relay } from '../domain/relay.ts'
import { targetOf, watchDoor } from './door.ts'
import { readBody } from './read-body.ts'

const TEXT = 'text/plain; charset=utf-8'

/** Keeps Fastify from adding to the client's content type. */
const asItIs = (body: unknown) => body as string

export const notFound = (): HttpError => new HttpError('NOT_FOUND', 'not found')

async function readRequest(request: FastifyRequest, url: string, receivedAt: number): Promise<Incoming> {
  // The peer first, then whom each trusted proxy named.
  const addresses = request.ips ?? [request.ip]
  return {
    id: randomUUID(),
    receivedAt,
    method: request.method as Method,
    url,
    headers: forwardedHeaders(request.raw.headers, {
      address: addresses.at(-1) ?? request.ip,
      protocol: request.protocol,
      isProxied: addresses.length > 1,
    }),
    body: await readBody(request.raw, BODY_MAX_BYTES),
  }
}

export interface GoParts {
  relay: Relay
  /** A living token got a request. */
  told(token: string, incoming: Incoming): void
  now(): number
}

/** `/go/:token` and whatever follows it, with and without `/v1`. */
export function goRoutes(app: Server, { relay, told, now }: GoParts): void {
  watchDoor(app.server)
  // Bodies of every type, also of none and of GET, are read as they are; nothing else here takes one.
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  for (const prefix of ['', '/v1'])
    app.route({
      method: [...METHODS],
      url: `${prefix}/go/:token`,
      exposeHeadRoute: false,
      async handler(request, reply) {
        const target = targetOf(request.raw)
        if (!target) throw notFound()
        if (request.headers['service-worker'] === 'script')
          throw new HttpError('FORBIDDEN', 'no service worker may come from here')
        const incoming = await readRequest(request, target.url, now())
        const outcome = await relay.forward(target.token, incoming)
        if (outcome.delivery === 'unknown') throw notFound()
        told(target.token, incoming)
        void reply.header(DELIVERY_HEADER, outcome.delivery)
        const answer = outcome.delivery === 'delivered' ? outcome.answer : undefined
        if (!answer) return reply.type(TEXT).send('OK')
        void reply.code(answer.status).headers(answer.headers).serializer(asItIs)
        return reply.send(answer.body === '' ? undefined : answer.body)
      },
    })
}
