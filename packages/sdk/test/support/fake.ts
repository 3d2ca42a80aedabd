import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { AsyncQueue } from '@switchboard/testing/queue'
import { type WebSocket, WebSocketServer } from 'ws'

const PATIENCE_MS = 10_000

/** One connection as the server has it. */
export interface Peer {
  /** Of the request that became it, with the query. */
  url: string
  ws: WebSocket
  /** The next frame that the client said. */
  heard(): Promise<string>
  /** Says each: text as it is, anything else as JSON. */
  say(...frames: unknown[]): void
}

/** A server that does whatever a test wants. */
export interface Fake extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  url: string
  /** The next connection that comes. */
  peer(): Promise<Peer>
  /** How many came until now. */
  readonly count: number
}

export interface FakeOptions {
  /** Answers what is no upgrade; 404 `ROOM_NOT_FOUND` unless told, as of a room that nobody joined yet. */
  http?: (request: IncomingMessage, response: ServerResponse) => void
  /** At each connection, at once. */
  onPeer?: (peer: Peer) => void
  /** Refuses the upgrade with this status. */
  refuse?: () => number | undefined
}

const noRoom = (_request: IncomingMessage, response: ServerResponse) =>
  answerJson(response, 404, { error: { type: 'ROOM_NOT_FOUND', message: 'nobody has joined' }, data: null })

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function peerOf(ws: WebSocket, url: string): Peer {
  const frames = new AsyncQueue<string>()
  ws.on('message', (data) => frames.push(data.toString()))
  ws.on('close', (code) => frames.end(new Error(`the client closed with ${code}`)))
  ws.on('error', () => {})
  return {
    url,
    ws,
    heard: () => frames.next(PATIENCE_MS, 'frame'),
    say(...all) {
      for (const frame of all) ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    },
  }
}

export async function startFake({ http = noRoom, onPeer, refuse }: FakeOptions = {}): Promise<Fake> {
  const server = createServer(http)
  const sockets = new WebSocketServer({ noServer: true })
  const peers = new AsyncQueue<Peer>()
  let count = 0
  server.on('upgrade', (request, socket, head) => {
    count++
    const status = refuse?.()
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const peer = peerOf(ws, request.url ?? '')
      onPeer?.(peer)
      peers.push(peer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    peer: () => peers.next(PATIENCE_MS, 'connection'),
    get count() {
      return count
    },
    async [Symbol.asyncDispose]() {
      for (const ws of sockets.clients) ws.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A TCP server that takes connections and does with each what a test wants. */
export async function startTcp(
  onSocket: (socket: Socket) => void,
): Promise<{ url: string } & AsyncDisposable> {
  const open = new Set<Socket>()
  const server = createTcpServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
