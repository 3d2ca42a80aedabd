/** The least that relays: `POST /hook/<token>` becomes an event for the token's client, whose acknowledgement answers it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { BACKLOG, PORT } from './listen.ts'

const clients = new Map<string, Socket>()
/** Milliseconds that a client has to answer. */
const PATIENCE_MS = 5000

function relay({ method, url = '', headers }: IncomingMessage, body: string, response: ServerResponse): void {
  const token = url.slice(url.lastIndexOf('/') + 1)
  const client = clients.get(token)
  if (client === undefined) {
    response.writeHead(404).end()
    return
  }
  const request = { token, method, url, headers, body: JSON.parse(body) }
  client
    .timeout(PATIENCE_MS)
    .emit('request', request, (error: Error | null, status: number, text: string) => {
      if (error) response.writeHead(504, { 'content-length': 0 }).end()
      else response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text)
    })
}

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => relay(request, Buffer.concat(parts).toString(), response))
})
new Server(server, { transports: ['websocket'], serveClient: false }).on('connection', (socket) => {
  const token = String(socket.handshake.query['token'])
  clients.set(token, socket)
  socket.on('disconnect', () => clients.delete(token))
})
server.listen(PORT, '127.0.0.1', BACKLOG)
