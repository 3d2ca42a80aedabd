import { connect as connectTcp, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { AsyncQueue } from './queue.ts'

/** Longest that a test waits for one message, milliseconds; generous, because machines are busy. */
const PATIENCE_MS = 10_000

export interface Closed {
  code: number
  reason: string
}

/** A WebSocket client whose messages are awaited: `await client.next()` instead of sleeping. */
export class Client implements AsyncDisposable {
  readonly ws: WebSocket
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<Closed>
  readonly #messages = new AsyncQueue<string>()

  constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data) => this.#messages.push(data.toString()))
    this.closed = new Promise((resolve) =>
      ws.on('close', (code, reason) => {
        this.#messages.end(new Error(`closed with ${code} ${reason}`))
        resolve({ code, reason: reason.toString() })
      }),
    )
  }

  /** The next text message; rejects when the connection closes first or nothing comes for 10 s. */
  next(timeoutMs = PATIENCE_MS): Promise<string> {
    return this.#messages.next(timeoutMs, 'message')
  }

  /** The next message, parsed as JSON. */
  async nextJson<T = unknown>(): Promise<T> {
    return JSON.parse(await this.next()) as T
  }

  /** Messages up to the first that `wanted` says yes to, that one included. */
  async until(wanted: (message: string) => boolean): Promise<string[]> {
    const seen: string[] = []
    for (;;) {
      const message = await this.next()
      seen.push(message)
      if (wanted(message)) return seen
    }
  }

  /** What came and was not awaited yet. */
  drain(): string[] {
    return this.#messages.drain()
  }

  /** Text is sent as it is, anything else as JSON; a Buffer as a binary frame. */
  send(message: unknown): void {
    this.ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
  }

  /** The server has handled all that was sent before: a ping went there and came back. */
  roundTrip(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ws.once('pong', () => resolve())
      this.ws.ping(undefined, undefined, (error) => error && reject(error))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ws.readyState === WebSocket.CLOSED) return
    this.ws.terminate()
    await this.closed
  }
}

export interface ConnectOptions {
  protocols?: string[]
  headers?: Record<string, string>
}

/** The server refused the upgrade with an HTTP answer. */
export class Refused extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, body: string) {
    super(`the upgrade was refused with ${status}`)
    this.status = status
    this.body = body
  }
}

/** Connects; rejects with {@link Refused} where the upgrade was refused. */
export function connect(url: string, { protocols = [], headers = {} }: ConnectOptions = {}): Promise<Client> {
  const ws = new WebSocket(url, protocols, { headers, perMessageDeflate: false, maxPayload: 0 })
  const client = new Client(ws)
  return new Promise((resolve, reject) => {
    ws.once('open', () => {
      ws.on('error', () => {})
      resolve(client)
    })
    ws.once('error', reject)
    ws.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => reject(new Refused(response.statusCode ?? 0, body)))
    })
  })
}

/** A bare TCP connection, for what no WebSocket client would send. */
export function rawSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ port, host: '127.0.0.1' }, () => resolve(socket))
    // Once connected, an error is one more way to be closed.
    socket.on('error', reject)
  })
}
