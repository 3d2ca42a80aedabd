import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import { type Client, connect, rawSocket } from '@switchboard/testing/socket'
import { vi } from 'vitest'
import { type ServerOptions, WebSocketServer } from 'ws'
import { MemoryBroker, MemoryBus } from '../src/broker-memory.ts'
import type { Connection } from '../src/connection.ts'
import { Hub, type HubOptions } from '../src/hub.ts'
import type { SocketConnection } from '../src/socket-connection.ts'

/** All of a test's clients may connect at once. */
const BACKLOG = 4096

interface Options extends Partial<HubOptions<string>> {
  ws?: ServerOptions
  /** The hub gets no socket of Node's, so that it has to leave writing to ws. */
  foreign?: boolean
  /** The sessions are the paths that clients connect to. */
  accepted?(connection: Connection<string>): void
}

/** A hub behind a real server; what it reports goes into `errors` and `closed`. */
export class Server implements AsyncDisposable {
  readonly hub: Hub<string>
  readonly errors: unknown[] = []
  /** Sessions of connections whose `closed` was called, in order. */
  readonly closed: string[] = []
  /** The server's ends, by session. */
  readonly sockets = new Map<string, Duplex>()
  readonly #http = createServer()
  readonly #accepted = new Map<string, (connection: Connection<string>) => void>()
  #clients = 0

  constructor({ ws, foreign, accepted, ...options }: Options = {}) {
    this.hub = new Hub({
      broker: new MemoryBroker(new MemoryBus()),
      message() {},
      closed: (connection) => {
        this.closed.push(connection.session)
      },
      onError: (error) => {
        this.errors.push(error)
      },
      ...options,
    })
    const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false, ...ws })
    this.#http.on('upgrade', (request, socket, head) =>
      upgrades.handleUpgrade(request, socket, head, (opened) => {
        const session = request.url ?? ''
        this.sockets.set(session, request.socket)
        const connection = this.hub.accept(
          opened,
          foreign ? new PassThrough() : request.socket,
          this.hub.nextId(),
          session,
        )
        accepted?.(connection)
        this.#accepted.get(session)?.(connection)
      }),
    )
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) =>
      this.#http.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, resolve),
    )
    return this
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  /** The connection of a client that is about to connect to this path. */
  accepted(session: string): Promise<Connection<string>> {
    return new Promise((resolve) => this.#accepted.set(session, resolve))
  }

  /** Both ends of a new connection. */
  async connect(): Promise<{ client: Client; connection: Connection<string> }> {
    const session = `/${this.#clients++}`
    const accepted = this.accepted(session)
    const client = await connect(`ws://127.0.0.1:${this.port}${session}`)
    return { client, connection: await accepted }
  }

  /** New connections that are all in the topic. */
  connectAll(count: number, topic: string): Promise<{ client: Client; connection: Connection<string> }[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const pair = await this.connect()
        await this.hub.enter(pair.connection, topic)
        return pair
      }),
    )
  }

  /** A bare TCP connection, the request that upgrades it, and a text frame as a client makes it. */
  async connectRaw(path = '/raw'): Promise<RawClient> {
    const socket = await rawSocket(this.port)
    socket.on('error', () => {})
    socket.resume()
    return Object.assign(socket, { upgrade: upgradeRequest(path), text: maskedText })
  }

  /** How much has come from a client. */
  bytesRead(session: string): number {
    return (this.sockets.get(session) as Socket).bytesRead
  }

  /** The network fails under a connection. */
  reset(session: string): void {
    this.sockets.get(session)?.destroy(new Error('reset, as the test wants'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}

type RawClient = Socket & { upgrade: Buffer; text(payload: string): Buffer }

export const upgradeRequest = (path: string): Buffer =>
  Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  )

/** Masked with zeros, so that the bytes are as they are; at most 125 of them. */
const maskedText = (payload: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)])

export const serve = (options?: Options): Promise<Server> => new Server(options).listen()

/** The next turn of the event loop has begun, and what this one sent is written. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What is written to a connection from here on, an item for each time. */
export function writesTo(connection: Connection<string>): readonly Buffer[] {
  const writes: Buffer[] = []
  const known = connection as SocketConnection<string>
  const write = known.write.bind(known)
  vi.spyOn(known, 'write').mockImplementation((frames) => {
    writes.push(frames)
    write(frames)
  })
  return writes
}

/** Waits until it is so, looking at it each turn of the event loop. */
export async function until(so: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 10_000
  while (!so()) {
    if (performance.now() > end) throw new Error(`waited 10 s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
