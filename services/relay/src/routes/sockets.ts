import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket as NetSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HEARTBEAT } from '@switchboard/protocol/limits'
import { PACKET_MAX_BYTES } from '@switchboard/protocol/relay'
import { Server, type Socket } from 'socket.io'
import type { Lane } from '../domain/lane.ts'
import type { Link } from '../domain/ports.ts'
import type { Relay } from '../domain/relay.ts'
import { Flood } from './flood.ts'
import { speakOldPolling } from './old-polling.ts'
import { Outbox } from './outbox.ts'
import { Encoded, PARSER } from './parser.ts'
import type { Sessions } from './sessions.ts'

type EngineSocket = Socket['conn']

/** As Engine.IO hands it on. */
interface PollRequest extends IncomingMessage {
  _query: Record<string, string>
}

const PATH = '/socket.io/'
/** `/<token>` and `/v1/<token>` are one; what is no token is refused by Socket.IO with the same words. */
const NAMESPACE = /^\/(?:v1\/)?([a-z0-9]+)$/
const REFUSED = 'Invalid namespace'

/** How long an acknowledgement still counts, though nobody waits for it any more. */
const LATE_MS = 15_000
const SILENT_MS = HEARTBEAT.silentSeconds * 1000
/** How long a connection has to answer when it is closed. */
const CLOSE_GRACE_MS = 1_000

export interface SocketParts {
  relay: Relay
  sessions: Pick<Sessions, 'newId' | 'serve'>
  allowedOrigins: string[]
  /** `false`: a client may send as much as it likes. */
  limits: boolean
  now(): number
  onError(error: unknown): void
}

export interface Sockets {
  /** Closes connections that have been in no token's namespace for 25 s. */
  tick(): void
  /** Tells every client to come back, and closes. */
  close(): Promise<void>
}

/** What is known of one connection, which may be in several namespaces. */
interface Line {
  outbox: Outbox
  lanes: number
  /** What it writes to as a WebSocket. */
  socket: NetSocket
}

const REFUSAL = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** Upgrades: Socket.IO answers its own, the others are refused. */
function watchUpgrades(server: HttpServer) {
  const upgraded = new Set<Duplex>()
  const heads = new WeakMap<IncomingMessage, Buffer>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!request.url?.startsWith(PATH)) {
      socket.on('error', () => socket.destroy())
      socket.end(REFUSAL)
      return
    }
    heads.set(request, head)
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })
  return { upgraded, heads }
}

const isAcknowledgement = (data: unknown): boolean =>
  typeof data !== 'string' || data.startsWith('3') || data.startsWith('6')

/** Made where it sees no request: Socket.IO keeps it until the client acknowledges. */
const acknowledgement =
  (acknowledged: (args: unknown[]) => void) =>
  (late: Error | null, ...args: unknown[]) =>
    late || acknowledged(args)

function linkOf(socket: Socket, outbox: Outbox): Link {
  return {
    write(event, { written, acknowledged }) {
      const acknowledge = acknowledgement(acknowledged)
      outbox.add(event.length, () => {
        socket.timeout(LATE_MS).emit('request', new Encoded(event), acknowledge)
        written()
      })
    },
    get isFull() {
      return outbox.isFull
    },
    room: () => outbox.room(),
    close: () => socket.disconnect(),
  }
}

/** Socket.IO on the server's `/socket.io/`, for Engine.IO clients of revision 3 and 4. */
export function serveSockets(server: HttpServer, parts: SocketParts): Sockets {
  const { relay, sessions, allowedOrigins, limits, now, onError } = parts
  const { upgraded, heads } = watchUpgrades(server)
  const io = new Server({
    path: PATH,
    serveClient: false,
    allowEIO3: true,
    cleanupEmptyChildNamespaces: true,
    parser: PARSER,
    maxHttpBufferSize: PACKET_MAX_BYTES,
    pingInterval: HEARTBEAT.pingSeconds * 1000,
    pingTimeout: SILENT_MS - HEARTBEAT.pingSeconds * 1000,
    connectTimeout: SILENT_MS,
    destroyUpgrade: false,
    ...(allowedOrigins.length > 0 && { cors: { origin: allowedOrigins, credentials: true } }),
  })
  io.attach(server)
  io.engine.generateId = sessions.newId
  io.engine.use((request: PollRequest, response: ServerResponse, next: () => void) => {
    const session = request._query['sid'] ?? ''
    const polling = heads.has(request) && lineOfSession.get(session)
    if (polling) polling.socket = request.socket
    void sessions.serve({ request, response, session, head: heads.get(request) }, next)
  })

  const lines = new WeakMap<EngineSocket, Line>()
  /** Those that are open here: an upgrade of one that polls brings its socket. */
  const lineOfSession = new Map<string, Line>()
  /** Connections without a client of ours, and since when. */
  const idle = new Map<EngineSocket, number>()

  io.engine.on('connection', (connection: EngineSocket) => {
    speakOldPolling(connection)
    const { id, request } = connection as unknown as { id: string; request: IncomingMessage }
    const socketOf = () => (connection.transport.name === 'websocket' ? line.socket : undefined)
    const line: Line = { outbox: new Outbox(connection, socketOf), lanes: 0, socket: request.socket }
    lines.set(connection, line)
    lineOfSession.set(id, line)
    idle.set(connection, now())
    connection.once('close', () => {
      idle.delete(connection)
      lineOfSession.delete(id)
    })
    if (!limits) return
    const flood = new Flood(now())
    connection.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
      if (type === 'message' && !isAcknowledgement(data) && flood.add(now())) connection.close()
    })
  })

  function occupy(line: Line, lane: Lane, connection: EngineSocket): () => void {
    line.lanes++
    idle.delete(connection)
    let isLeft = false
    return () => {
      if (isLeft) return
      isLeft = true
      line.lanes--
      if (line.lanes === 0 && connection.readyState === 'open') idle.set(connection, now())
      relay.leave(lane).catch(onError)
    }
  }

  async function admit(socket: Socket): Promise<void> {
    const { conn } = socket
    const line = lines.get(conn)
    const token = NAMESPACE.exec(socket.nsp.name)?.[1]
    const lane = line && token && conn.readyState === 'open' ? await relay.join(token) : undefined
    if (!line || !lane) throw new Error(REFUSED)
    const leave = occupy(line, lane, conn)
    // A connection that closes before Socket.IO has let it in tells so in no other way.
    conn.once('close', leave)
    if (conn.readyState !== 'open') leave()
    socket.data = { lane, outbox: line.outbox, leave }
  }

  // Revision 3 opens with the namespace `/`, whatever the client wants; for the others it is no token.
  io.use((socket, next) => next(socket.conn.protocol === 3 ? undefined : new Error(REFUSED)))
  io.of(NAMESPACE)
    .use((socket, next) => {
      admit(socket).then(
        () => next(),
        (error: Error) => {
          if (error.message !== REFUSED) onError(error)
          next(new Error(error.message === REFUSED ? REFUSED : 'Unavailable'))
        },
      )
    })
    .on('connection', (socket) => {
      const { lane, outbox, leave } = socket.data as { lane: Lane; outbox: Outbox; leave(): void }
      socket.once('disconnect', () => {
        socket.conn.off('close', leave)
        leave()
      })
      lane.start(linkOf(socket, outbox))
    })

  return {
    tick() {
      const latest = now() - SILENT_MS
      for (const [connection, since] of idle) {
        if (since > latest) return
        connection.close()
      }
    },
    async close() {
      io.engine.close()
      if (upgraded.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      let left = upgraded.size
      for (const socket of upgraded) socket.once('close', () => --left === 0 && resolve())
      const timer = setTimeout(() => {
        for (const socket of upgraded) socket.destroy()
      }, CLOSE_GRACE_MS)
      await promise
      clearTimeout(timer)
    },
  }
}
