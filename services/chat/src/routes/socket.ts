import type { RevocationWatch } from '@switchboard/auth/revocation-watch'
import type { Presence } from '@switchboard/hub/presence'
import type { Server } from '@switchboard/kit/server'
import { refusePlainRequest, type WebSocket } from '@switchboard/kit/websocket'
import { REASONS } from '@switchboard/protocol/chat'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import type { FastifyRequest } from 'fastify'
import { catchUp, type Missed } from '../domain/rooms/catch-up.ts'
import { newSender } from '../domain/rooms/sender.ts'
import { type Admission, admit } from './admission.ts'
import type { Floor } from './floor.ts'
import { parseUuid } from './ids.ts'
import { type RoomFinder, roomPlace } from './room.ts'
import type { Session } from './session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    admission: Admission | undefined
  }
}

export interface SocketOptions {
  floor: Floor
  /** Ids of connections, unique among all services that share the broker: they share a person's place in presence. */
  nextId(): string
  presence: Presence
  revocations: RevocationWatch
  rooms: Pick<RoomFinder, 'findOrCreate'>
  /** What came in the room after the message `after`; `undefined` is no message's id. */
  missed(roomId: string, after: string | undefined): Promise<Missed>
}

/** The document's path, and the one that older clients call. */
const PATHS = ['/api/v1/rooms/:room/messages/ws', '/api/v1/rooms/:room/ws']

/** After `acceptWebSockets`, like every route of a WebSocket. */
export function socketRoutes(app: Server, options: SocketOptions): void {
  const { floor, nextId, presence, revocations, rooms, missed } = options
  const { hub, feeds } = floor
  const onError = (error: unknown) => app.log.warn({ err: error }, 'presence is away')

  function sessionOf({ id, who, room, release }: Admission): Session {
    if (!who) return { roomId: room.id, speaker: undefined, release }
    const sender = newSender(() => hub.connection(id)?.close(1013, REASONS.notStored))
    return { roomId: room.id, speaker: { id: who.accountId, username: who.name, sender }, release }
  }

  function start(ws: WebSocket, request: FastifyRequest, admission: Admission): void {
    const { id, who, room, feed, after } = admission
    admission.taken()
    const session = sessionOf(admission)
    const connection = hub.accept(ws, request.raw.socket, id, session)
    if (who) {
      const unwatch = revocations.add(who, () => connection.close(1008, CLOSE_REASONS.revoked))
      session.release = () => {
        unwatch()
        return admission.release()
      }
    }
    const enter = () => hub.enter(connection, roomPlace(room.id))
    if (after === undefined) return void enter()
    catchUp(connection, feed, () => missed(room.id, parseUuid(after)), enter).then(
      (done) => done || connection.close(1013, CLOSE_REASONS.slowConsumer),
      () => connection.close(1013, REASONS.unavailable),
    )
  }

  app.decorateRequest('admission')
  for (const url of PATHS) {
    app.route({
      method: 'GET',
      url,
      async preHandler(request) {
        refusePlainRequest(request)
        request.admission = await admit(request, { presence, rooms, feeds, nextId, onError })
      },
      handler: () => {},
      wsHandler(ws, request) {
        if (request.admission) start(ws, request, request.admission)
        else ws.terminate()
      },
    })
  }
}
