import { createRequire } from 'node:module'
import type { RequestObject } from '@switchboard/protocol/relay'
import { io } from 'socket.io-client'

/** What the three generations of socket.io-client have in common. */
interface AnySocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  disconnect(): unknown
  io: { engine: { transport: { name: string }; once(event: 'upgrade', listener: () => void): void } }
}
type Connect = (url: string, options: Record<string, unknown>) => AnySocket

const require = createRequire(import.meta.url)

export const GENERATIONS = {
  '1.4.8': require('socket.io-client-1') as Connect,
  '2.5.0': require('socket.io-client-2') as Connect,
  '4.8': io as unknown as Connect,
}
export type Generation = keyof typeof GENERATIONS
export type Transport = 'websocket' | 'polling'

/** Longest that a test waits, milliseconds; generous, because machines are busy. */
const PATIENCE_MS = 15_000

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}

/** A request as the client got it, and the function that acknowledges it. */
export interface Delivered {
  request: RequestObject
  respond(...args: unknown[]): void
}

/** A client whose requests are awaited. */
export class RelayClient implements AsyncDisposable {
  readonly socket: AnySocket
  /** Why the server, or the network, ended it. */
  readonly disconnected: Promise<unknown>
  readonly connected: Promise<void>
  readonly #came: Delivered[] = []
  readonly #waiting: ((delivered: Delivered) => void)[] = []
  #answer: ((delivered: Delivered) => void) | undefined

  constructor(socket: AnySocket) {
    this.socket = socket
    this.disconnected = new Promise((resolve) => socket.on('disconnect', resolve))
    this.connected = new Promise((resolve, reject) => {
      socket.on('connect', () => resolve())
      for (const refusal of ['error', 'connect_error'])
        socket.on(refusal, (error) =>
          reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        )
    })
    this.connected.catch(() => {})
    socket.on('request', (request, respond) =>
      this.#take({ request: request as RequestObject, respond: respond as Delivered['respond'] }),
    )
  }

  /** Acknowledges each request from now on, with what `answer` makes of it, instead of keeping it for {@link next}. */
  answer(answer: (request: RequestObject) => unknown[]): void {
    this.#answer = ({ request, respond }) => respond(...answer(request))
    for (const delivered of this.#came.splice(0)) this.#answer(delivered)
  }

  /** The next request. */
  next(): Promise<Delivered> {
    const first = this.#came.shift()
    if (first) return Promise.resolve(first)
    return within(new Promise<Delivered>((resolve) => this.#waiting.push(resolve)), 'request')
  }

  /** The paths of the next requests, not acknowledged. */
  async nextPaths(count: number): Promise<string[]> {
    const paths: string[] = []
    while (paths.length < count) paths.push((await this.next()).request.path)
    return paths
  }

  /** What came and was not awaited yet. */
  drain(): Delivered[] {
    return this.#came.splice(0)
  }

  gone(): Promise<unknown> {
    return within(this.disconnected, 'disconnect')
  }

  close(): void {
    this.socket.disconnect()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #take(delivered: Delivered): void {
    const waiting = this.#waiting.shift()
    if (this.#answer) this.#answer(delivered)
    else if (waiting) waiting(delivered)
    else this.#came.push(delivered)
  }
}

export interface ClientOptions {
  generation?: Generation
  transport?: Transport
  /** `/<token>` unless told. */
  namespace?: string
  options?: Record<string, unknown>
}

export function open(url: string, namespace: string, options: ClientOptions = {}): RelayClient {
  const { generation = '4.8', transport = 'websocket' } = options
  const socket = GENERATIONS[generation](url + namespace, {
    transports: [transport],
    forceNew: true,
    reconnection: false,
    ...options.options,
  })
  return new RelayClient(socket)
}

/** Connects to a token's namespace; rejects where that is refused. */
export async function connect(url: string, token: string, options: ClientOptions = {}): Promise<RelayClient> {
  const client = open(url, options.namespace ?? `/${token}`, options)
  await within(client.connected, 'connection')
  return client
}
