import type { IncomingMessage, ServerResponse } from 'node:http'
import websocket, { type WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { HttpError } from './http-error.ts'
import type { Server } from './server.ts'

export type { WebSocket }

export interface WebSocketOptions {
  /** Most bytes of a frame; a larger one closes with 1009. */
  maxPayload: number
  /** Tells every client to go and waits for them; called once the app closes. */
  close(): Promise<void>
}

/**
 * Makes a WebSocket of every route with a `wsHandler` that comes after it. The first subprotocol that a client offers is
 * echoed, as browsers insist.
 */
export async function acceptWebSockets(app: Server, { maxPayload, close }: WebSocketOptions): Promise<void> {
  // Before the plugin's own, which would close without a code.
  app.addHook('preClose', close)
  const responses = new WeakMap<IncomingMessage, ServerResponse>()
  app.addHook('preHandler', (request, reply, done) => {
    if (request.ws) responses.set(request.raw, reply.raw)
    done()
  })
  await app.register(websocket, {
    options: { maxPayload, perMessageDeflate: false, clientTracking: false },
    // The plugin's own cuts off at once also where ws is closing with a code, which the client then never hears.
    errorHandler(error, ws) {
      if (ws.readyState !== ws.OPEN) return
      app.log.error({ err: error }, 'a connection could not be accepted')
      ws.terminate()
    },
  })
  // The response that nobody will ever send, and the request with it, would stay for as long as the socket.
  app.websocketServer.on('connection', (_ws, request) => responses.get(request)?.detachSocket(request.socket))
}

/** 426 for an ordinary request to a path that is a WebSocket's. */
export function refusePlainRequest(request: FastifyRequest): void {
  if (!request.ws) throw new HttpError('BAD_BINDING', 'this is a WebSocket', { status: 426 })
}
