import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawServerDefault,
} from 'fastify'
import { readBodies } from './bodies.ts'
import type { CommonConfig } from './config.ts'
import { answerErrors, type ErrorBody, routerErrors } from './errors.ts'
import { type Needs, serveHealth } from './health.ts'
import { serveMetrics } from './metrics.ts'

/** Fastify that knows the types of a route from its TypeBox schemas. */
export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface ServerOptions {
  /** In each line of the log. */
  name: string
  config: Pick<CommonConfig, 'logLevel' | 'trustedProxies' | 'allowedOrigins'>
  errorBody: ErrorBody
  needs: Needs
  /** Most bytes of a request's body; 256 KiB unless told. */
  bodyLimit?: number
  /** Milliseconds that a stop waits for connections that say nothing; 5 s unless told. */
  closePatienceMs?: number
}

const BODY_LIMIT = 256 * 1024
/** Longest time for a whole request to come in; a client that is slower is hanging on purpose. */
const REQUEST_TIMEOUT_MS = 30_000
/** Longest path parameter, in characters of the URL; 64 characters of any script, percent-encoded, fit well. */
const PARAM_MAX = 4096

const REQUEST_ID = /^[\w-]{1,64}$/

/** nginx' request id where it handed one on, so that a request has one id in all logs; else one that no other process gives. */
function requestIds(): (request: IncomingMessage) => string {
  const prefix = randomBytes(6).toString('base64url')
  let count = 0
  return ({ headers }) => {
    const given = headers['x-request-id']
    return typeof given === 'string' && REQUEST_ID.test(given) ? given : `${prefix}-${(count++).toString(36)}`
  }
}

const LOGS_REQUESTS: ReadonlySet<string> = new Set(['trace', 'debug'])

/** By the pattern of their route. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const { statusCode: status, elapsedTime: ms } = reply
    request.log.debug({ method, route: routeOptions.url, status, ms }, 'request')
    done()
  })
}

const CLOSE_PATIENCE_MS = 5_000

function cutOffLate(app: FastifyInstance, patienceMs: number): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    timer = setTimeout(() => app.server.closeAllConnections(), patienceMs)
  })
  app.addHook('onClose', async () => clearTimeout(timer))
}

/** What five services have in common: log, bodies, CORS, health, metrics, errors in the service's own form. Not listening. */
export async function createServer({
  name,
  config,
  errorBody,
  needs,
  bodyLimit = BODY_LIMIT,
  closePatienceMs = CLOSE_PATIENCE_MS,
}: ServerOptions): Promise<Server> {
  const app = fastify({
    // URLs hold tokens, so requests are logged by the pattern of their route, below, and never whole.
    logger: { level: config.logLevel, base: { service: name }, serializers: { req: () => ({}) } },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    trustProxy: config.trustedProxies,
    frameworkErrors: routerErrors(errorBody),
    // What still comes on an open connection while the app closes is answered like before: its stores close last.
    return503OnClosing: false,
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_MAX },
    // A number where the document says string is an error, not a string.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>()
  if (LOGS_REQUESTS.has(config.logLevel)) logRequests(app as unknown as FastifyInstance)
  answerErrors(app as unknown as FastifyInstance, errorBody)
  if (config.allowedOrigins.length > 0) {
    await app.register(cors, {
      origin: config.allowedOrigins,
      credentials: true,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    })
  }
  cutOffLate(app as unknown as FastifyInstance, closePatienceMs)
  await readBodies(app as unknown as FastifyInstance)
  serveHealth(app as unknown as FastifyInstance, needs)
  serveMetrics(app as unknown as FastifyInstance)
  return app
}
