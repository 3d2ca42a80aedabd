import type { Socket } from 'node:net'
import type { Links } from './links.ts'

const END_OF_HEAD = '\r\n\r\n'
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i

export interface Answer {
  status: number
  body: string
}

/** One connection that is kept, with one request on it at a time. Answers need a Content-Length. */
export class HttpLink {
  readonly #socket: Socket
  readonly #opened = Promise.withResolvers<void>()
  #waiting: PromiseWithResolvers<Answer> | undefined

  constructor(links: Links, port: number) {
    this.#socket = links.open({
      port,
      consume: (bytes, at, end) => this.#consume(bytes, at, end),
      connected: () => this.#opened.resolve(),
      closed: (why) => {
        this.#opened.reject(new Error(why))
        this.#waiting?.reject(new Error(why))
      },
    })
    // Told again, and to somebody, by the first request.
    this.#opened.promise.catch(() => {})
  }

  /** @param bytes the whole request */
  async request(bytes: string | Buffer): Promise<Answer> {
    await this.#opened.promise
    this.#waiting = Promise.withResolvers()
    this.#socket.write(bytes)
    return this.#waiting.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #consume(bytes: Buffer, at: number, end: number): number {
    const text = bytes.toString('latin1', at, end)
    const head = text.indexOf(END_OF_HEAD)
    if (head === -1) return at
    const [, length] = CONTENT_LENGTH.exec(text) ?? []
    if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, head)}`)
    const start = head + END_OF_HEAD.length
    const stop = start + Number(length)
    if (text.length < stop) return at
    this.#waiting?.resolve({ status: Number(text.slice(9, 12)), body: text.slice(start, stop) })
    return at + stop
  }
}

/** A POST as bytes on the wire. */
export const post = (path: string, body: string, headers = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
