import type { RevocationWatch } from '@switchboard/auth/revocation-watch'
import type { Broker } from '@switchboard/hub/broker'
import type { Connection } from '@switchboard/hub/connection'
import { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import { countConnections } from '@switchboard/kit/metrics'
import { announceProcess } from '@switchboard/kit/process-entry'
import type { Server } from '@switchboard/kit/server'
import { acceptWebSockets, refusePlainRequest } from '@switchboard/kit/websocket'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import { DELIMITER, decodeUp, FRAME_MAX_BYTES } from '@switchboard/protocol/ide'
import { LIMITS } from '@switchboard/protocol/limits'
import { handle, refuse } from '../domain/handle.ts'
import { watchClosed } from './control.ts'
import { createPerformer } from './perform.ts'
import { type Session, serially } from './session.ts'
import { createSpaces, type Standings } from './spaces.ts'
import { startConnection } from './start.ts'
import { leavePresence, prepareUpgrade, type Upgrade } from './upgrade.ts'

export { DELIMITER }

declare module 'fastify' {
  interface FastifyRequest {
    ideUpgrade: Upgrade | undefined
  }
}

export interface SocketOptions {
  broker: Broker
  presence: Presence
  revocations: RevocationWatch
  standing: Standings
  /** `false`: as many messages and spaces as a client likes. */
  limits: boolean
}

/** The document's path, and the one that older clients call. */
const PATHS = ['/api/v1/socket', '/ws']

/** The hub of this service: what its connections say is decoded, decided and done. */
function createFloor({ broker, presence, standing, limits }: SocketOptions, app: Server) {
  const { log } = app
  const places = limits ? LIMITS.places : Number.POSITIVE_INFINITY
  /** With how to stop watching for the revocation of their tokens. */
  const connections = new Map<Connection<Session>, () => void>()

  function hear(connection: Connection<Session>, text: string | undefined): void | Promise<void> {
    if (text === undefined) return perform(connection, refuse({ message: 'a binary frame' }))
    const up = decodeUp(text)
    if (!up.ok) return perform(connection, refuse(up.error))
    const { me, spaces: current } = connection.session
    return perform(connection, handle({ me, spaces: current, places }, up.value))
  }

  const hub = new Hub<Session>({
    broker,
    limits: limits ? LIMITS.messages : false,
    message(connection, text) {
      const { starting } = connection.session
      return starting ? starting.then(() => hear(connection, text)) : hear(connection, text)
    },
    closed(connection) {
      const { id, session } = connection
      connections.get(connection)?.()
      connections.delete(connection)
      return serially(session, () => leavePresence({ presence, spaces }, id, session))
    },
    onError: (error) => log.warn({ err: error }, 'a connection failed'),
  })
  const spaces = createSpaces({ hub, presence, standing })
  const perform = createPerformer({ hub, presence, spaces, log })
  return { hub, spaces, connections }
}

export async function socketRoutes(app: Server, options: SocketOptions): Promise<void> {
  const { broker, presence, revocations } = options
  const { log } = app
  const { hub, spaces, connections } = createFloor(options, app)
  countConnections(app.metrics, 'ide', () => hub.stats)
  announceProcess(app, { service: 'ide', broker, presence, connections: () => hub.size })

  const onError = (error: unknown) => log.warn({ err: error }, 'a space could not be closed to somebody')
  const unwatch = await watchClosed({ broker, hub, spaces, connections: () => connections.keys(), onError })
  const unexpire = presence.onExpired('ide:', (gone) => spaces.expired(gone))
  app.addHook('onClose', async () => {
    unwatch()
    unexpire()
  })
  await acceptWebSockets(app, { maxPayload: FRAME_MAX_BYTES, close: () => hub.close() })

  app.decorateRequest('ideUpgrade')
  for (const url of PATHS) {
    app.route({
      method: 'GET',
      url,
      async preHandler(request) {
        refusePlainRequest(request)
        request.ideUpgrade = await prepareUpgrade(request, { hub, presence, spaces })
      },
      handler: () => {},
      wsHandler(ws, request) {
        const upgrade = request.ideUpgrade
        if (!upgrade) return ws.terminate()
        const { id, who, session } = upgrade
        request.raw.socket.off('close', upgrade.giveUp)
        const connection = hub.accept(ws, request.raw.socket, id, session)
        connections.set(
          connection,
          revocations.add(who, () => connection.close(1008, CLOSE_REASONS.revoked)),
        )
        session.starting = startConnection(connection, upgrade, { hub, spaces, log })
      },
    })
  }
}
