import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Service, serviceOf } from '@switchboard/protocol/gateway'

/** What the gateway needs of a service's app: the server that it attached its handlers to and that never listens. */
export interface Backend {
  server: Pick<Server, 'emit'>
}

/** Longest time for a whole request to come in, as in the services' own servers. */
const REQUEST_TIMEOUT_MS = 30_000

const NOT_FOUND = JSON.stringify({ error: 'no service answers at this path' })

function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' }).end(NOT_FOUND)
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** One origin for the five apps of this process: hands each request and each upgrade to the app that its path belongs to. */
export function createGateway(backends: Readonly<Record<Service, Backend>>): Server {
  const backendOf = (request: IncomingMessage): Backend | undefined => {
    const service = serviceOf(request.url ?? '/')
    return service && backends[service]
  }
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    // curl offers h2c on plain requests; only a WebSocket is an upgrade here, anything else an ordinary request.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.on('request', (request, response) => {
    const backend = backendOf(request)
    if (backend) backend.server.emit('request', request, response)
    else refuse(response)
  })
  server.on('upgrade', (request, socket, head) => {
    const backend = backendOf(request)
    if (backend) backend.server.emit('upgrade', request, socket, head)
    else refuseUpgrade(socket)
  })
  return server
}
