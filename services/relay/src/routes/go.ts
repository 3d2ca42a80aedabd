import { randomUUID } from 'node:crypto'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { BODY_MAX_BYTES, DELIVERY_HEADER, METHODS, type Method } from '@switchboard/protocol/relay'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { forwardedHeaders } from '../domain/headers.ts'
import type { Incoming } from '../domain/incoming.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Relay } from '../domain/relay.ts'
import { targetOf, watchDoor } from './door.ts'
import { readBody } from './read-body.ts'

const TEXT = 'text/plain; charset=utf-8'

/** Keeps Fastify from adding to the client's content type. */
const asItIs = (body: unknown) => body as string

export const notFound = (): HttpError => new HttpError('NOT_FOUND', 'not found')

function incomingOf(
  request: FastifyRequest,
  { url, receivedAt, body }: Pick<Incoming, 'url' | 'receivedAt' | 'body'>,
): Incoming {
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
    body,
  }
}

function answer(reply: FastifyReply, outcome: Outcome): void {
  if (outcome.delivery === 'unknown') throw notFound()
  void reply.header(DELIVERY_HEADER, outcome.delivery)
  const given = outcome.delivery === 'delivered' ? outcome.answer : undefined
  if (!given) {
    reply.type(TEXT).send('OK')
    return
  }
  void reply.code(given.status).headers(given.headers).serializer(asItIs)
  reply.send(given.body === '' ? undefined : given.body)
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
      // Without promises where a callback does: at this rate each one is seen.
      handler(request, reply) {
        const target = targetOf(request.raw)
        if (!target) throw notFound()
        if (request.headers['service-worker'] === 'script')
          throw new HttpError('FORBIDDEN', 'no service worker may come from here')
        const { token, url } = target
        const receivedAt = now()
        readBody(request.raw, BODY_MAX_BYTES, (error, body) => {
          if (error) return void reply.send(error)
          const incoming = incomingOf(request, { url, receivedAt, body })
          relay
            .forward(token, incoming)
            .then((outcome) => {
              if (outcome.delivery !== 'unknown') told(token, incoming)
              answer(reply, outcome)
            })
            .catch((failure: unknown) => void reply.send(failure))
        })
      },
    })
}
