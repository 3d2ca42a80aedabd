import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { WebSocketServer } from 'ws'

/** What a backend was asked, as it came. */
export interface Seen {
  service: Service
  process: string
  method: string
  url: string
  headers: IncomingMessage['headers']
}

export interface Backend extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  address: string
  /** What it was asked until now, without bodies. */
  seen: Seen[]
  /** How many WebSockets it has. */
  sockets(): number
  /** Refuses connections from now on, and cuts those that are. */
  kill(): Promise<void>
}

type Answer = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void

const echo: Answer = (_request, response, seen) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(seen))
}

/** A process of a service that answers what it was asked, as JSON, over HTTP and over a WebSocket. */
export async function startBackend(
  service: Service,
  process = '1',
  { host = '127.0.0.1', port = 0, answer = echo }: { host?: string; port?: number; answer?: Answer } = {},
): Promise<Backend> {
  const seen: Seen[] = []
  const see = ({ method = '', url = '', headers }: IncomingMessage): Seen => {
    const one = { service, process, method, url, headers }
    seen.push(one)
    return one
  }
  const server = createServer((request, response) => {
    const one = see(request)
    request.resume().on('end', () => answer(request, response, one))
  })
  const sockets = new WebSocketServer({ server, handleProtocols: ([first = '']) => first })
  sockets.on('connection', (ws, request) => {
    ws.send(JSON.stringify(see(request)))
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
  })
  await once(server.listen(port, host), 'listening')
  const kill = async () => {
    for (const ws of sockets.clients) ws.terminate()
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  const own = server.address() as AddressInfo
  return {
    address: `${host}:${own.port}`,
    seen,
    sockets: () => sockets.clients.size,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

export type Upstreams = Record<Service, string[]>

/** One backend a service. */
export async function startBackends(): Promise<
  { upstreams: Upstreams; of: Record<Service, Backend> } & AsyncDisposable
> {
  await using stack = new AsyncDisposableStack()
  const of = {} as Record<Service, Backend>
  for (const service of Object.keys(SERVICES) as Service[])
    of[service] = stack.use(await startBackend(service))
  const owned = stack.move()
  const upstreams = Object.fromEntries(
    Object.entries(of).map(([service, { address }]) => [service, [address]]),
  ) as Upstreams
  return { upstreams, of, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
