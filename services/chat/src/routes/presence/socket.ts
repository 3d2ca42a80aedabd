import type { RevocationWatch } from '@switchboard/auth/revocation-watch'
import type { Who } from '@switchboard/auth/tokens'
import type { Server } from '@switchboard/kit/server'
import { refusePlainRequest, type WebSocket } from '@switchboard/kit/websocket'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import { encodeUsers } from '@switchboard/protocol/presence'
import type { FastifyRequest } from 'fastify'
import { createWatcher } from '../../domain/presence/watcher.ts'
import { whoWatches } from '../who.ts'
import type { Lookout, WatchSession } from './lookout.ts'
import type { OpenSpaces } from './spaces.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who watches presence. */
    watcher: Who | undefined
  }
}

export interface PresenceSocketOptions {
  lookout: Lookout
  revocations: RevocationWatch
  openSpaces: OpenSpaces
}

/** After `acceptWebSockets`, like every route of a WebSocket. */
export function presenceSocketRoute(app: Server, options: PresenceSocketOptions): void {
  const { lookout, revocations, openSpaces } = options
  const { hub, board } = lookout

  function start(ws: WebSocket, request: FastifyRequest, who: Who): void {
    const watcher = createWatcher({
      board,
      openSpaces: (spaces) => openSpaces(who.accountId, spaces),
      tell: (users) => connection.send(encodeUsers(users)),
    })
    const session: WatchSession = { watcher, release: () => {} }
    const connection = hub.accept(ws, request.raw.socket, hub.nextId(), session)
    session.release = revocations.add(who, () => connection.close(1008, CLOSE_REASONS.revoked))
  }

  app.decorateRequest('watcher')
  app.route({
    method: 'GET',
    url: '/api/v1/presence/ws',
    async preHandler(request) {
      refusePlainRequest(request)
      request.watcher = await whoWatches(request)
    },
    handler: () => {},
    wsHandler(ws, request) {
      if (request.watcher) start(ws, request, request.watcher)
      else ws.terminate()
    },
  })
}
