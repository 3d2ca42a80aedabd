import type { RevocationWatch } from '@switchboard/auth/revocation-watch'
import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import { unavailable } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { refusePlainRequest } from '@switchboard/kit/websocket'
import { LOGIN_PATH } from '@switchboard/protocol/channels'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import { refusal } from '../domain/handle.ts'
import { routeAnyNick } from './any-nick.ts'
import type { Arrival, Arrive } from './arrivals.ts'
import type { Roster } from './roster.ts'
import type { Session } from './session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    arrival: Arrival | undefined
  }
}

interface Parts {
  hub: Hub<Session>
  roster: Roster
  arrive: Arrive
  watch: RevocationWatch
  /** Tells a connection that what it asked for failed. */
  failed(error: unknown, connection: Connection<Session>): void
}

/** `/chat/login/:nick`. `@fastify/websocket` and auth's `access` come before it. */
export function serveLogin(app: Server, { hub, roster, arrive, watch, failed }: Parts): void {
  async function start(connection: Connection<Session>): Promise<void> {
    try {
      await roster.announce(connection)
    } catch (error) {
      failed(unavailable(error), connection)
      connection.close(1013)
    } finally {
      connection.session.starting = undefined
    }
  }

  function begin(connection: Connection<Session>, { refused, who }: Arrival): void {
    if (refused) {
      connection.send(refusal(refused.code, refused.message))
      connection.close(1008, refused.code)
      return
    }
    const { session } = connection
    session.starting = start(connection)
    if (who) session.unwatch = watch.add(who, () => connection.close(1008, CLOSE_REASONS.revoked))
  }

  app.decorateRequest('arrival', undefined)
  app.server.prependListener('upgrade', routeAnyNick)
  app.route({
    method: 'GET',
    url: `${LOGIN_PATH}:nick`,
    async preHandler(request) {
      refusePlainRequest(request)
      const { socket } = request.raw
      const arrival = await arrive(request)
      request.arrival = arrival
      // Until the handler takes over, the client may go, or its handshake turn out to be none.
      if (socket.destroyed) arrival.abandon()
      else socket.once('close', arrival.abandon)
    },
    handler: () => {},
    wsHandler(ws, { arrival, raw }) {
      if (!arrival) return ws.terminate()
      raw.socket.off('close', arrival.abandon)
      begin(hub.accept(ws, raw.socket, arrival.id, arrival.session), arrival)
    },
  })
}
