import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isConsole } from '@switchboard/console/serving'
import { type Service, serviceOf } from '@switchboard/protocol/gateway'

/** What the gateway needs of a service's app: the server that it attached its handlers to and that never listens. */
export interface Backend {
  server: Pick<Server, 'emit'>
}

export interface Gateway {
  server: Server
  /** Resolves once the service has answered every request that it was handed, or after 5 s. */
  drained(service: Service): Promise<void>
}

/** Longest time for a whole request to come in, as in the services' own servers. */
const REQUEST_TIMEOUT_MS = 30_000

/** Longest that a stop waits for answers, as in the services' own servers. */
const DRAIN_PATIENCE_MS = 5_000

export const NOT_FOUND = JSON.stringify({ error: 'no service answers at this path' })

function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' }).end(NOT_FOUND)
}

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Requests that a service was handed and has not answered; whoever waits for none is told. */
class InFlight {
  #count = 0
  #waiting: (() => void)[] = []

  track(response: ServerResponse): void {
    this.#count++
    response.once('close', () => {
      this.#count--
      if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  none(patienceMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

/**
 * One origin for the five apps of this process: hands each request and each upgrade to the app that its path belongs to,
 * and who only wants to read at a path of the console, to `page`.
 */
export function createGateway(backends: Readonly<Record<Service, Backend>>, page?: Backend): Gateway {
  const inFlight = new Map(Object.keys(backends).map((name) => [name as Service, new InFlight()]))
  const serviceFor = (request: IncomingMessage): Service | undefined => serviceOf(request.url ?? '/')
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    // curl offers h2c on plain requests; only a WebSocket is an upgrade here, anything else an ordinary request.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.on('request', (request, response) => {
    const service = serviceFor(request)
    if (service === undefined) {
      if (page && isReading(request) && isConsole(request.url ?? ''))
        page.server.emit('request', request, response)
      else refuse(response)
      return
    }
    inFlight.get(service)?.track(response)
    backends[service].server.emit('request', request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const service = serviceFor(request)
    if (service === undefined) return refuseUpgrade(socket)
    backends[service].server.emit('upgrade', request, socket, head)
  })
  return { server, drained: async (service) => inFlight.get(service)?.none(DRAIN_PATIENCE_MS) }
}
