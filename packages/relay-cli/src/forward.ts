import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { answerHeaders, type Headers, requestHeaders } from './headers.ts'

/** What of a relayed request goes to the local server. */
interface Arrived {
  method: string
  /** Path and query. */
  url: string
  headers: Headers
  bytes: Uint8Array | undefined
}

interface Answered {
  status: number
  headers: Headers
  body: Uint8Array
}

/** The local server did not answer; the message is a few words for a line. */
export class NoAnswer extends Error {}

/** The relay's largest packet has 4 MiB, and bytes may travel as base64 in it. */
const ANSWER_MAX_BYTES = 2 * 1024 * 1024

/** Milliseconds without a byte, past which the local server counts as hanging. */
const SILENT_MS = 60_000

/** Connections at once: what waited for this command comes all at once. Each is used once, as a local server restarts often. */
const CONNECTIONS = { keepAlive: false, maxSockets: 32 }

/** The target's path, then the request's; `/hook` for `/hook` and `/`. */
export function localPath(target: URL, url: string): string {
  const base = target.pathname.replace(/\/$/, '')
  return base !== '' && /^\/(\?|$)/.test(url) ? base + url.slice(1) : base + url
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > ANSWER_MAX_BYTES) throw new NoAnswer('the answer has more than 2 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function reason(error: unknown): string {
  if (error instanceof NoAnswer) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

/** Forwards requests to a local server. */
export interface Forwarder {
  /** @throws NoAnswer */
  forward(request: Arrived): Promise<Answered>
  /** Ends what is on its way. */
  close(): void
}

export function createForwarder(target: URL): Forwarder {
  const isSecure = target.protocol === 'https:'
  const agent = isSecure ? new HttpsAgent(CONNECTIONS) : new HttpAgent(CONNECTIONS)
  const send = isSecure ? requestHttps : requestHttp
  const closing = new AbortController()

  const ask = ({ method, url, headers, bytes }: Arrived): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = send({
        protocol: target.protocol,
        hostname: target.hostname.replace(/^\[|\]$/g, ''),
        port: target.port,
        path: localPath(target, url),
        method,
        headers: requestHeaders(headers, target, bytes?.length),
        agent,
        timeout: SILENT_MS,
        signal: closing.signal,
      })
      request.once('timeout', () => request.destroy(new NoAnswer('no answer within 60 s')))
      request.once('error', reject)
      request.once('response', resolve)
      request.end(bytes)
    })

  return {
    async forward(request) {
      try {
        const response = await ask(request)
        const { statusCode: status = 0, headers } = response
        if (status < 200 || status > 599) throw new NoAnswer(`the status is ${status}`)
        return { status, headers: answerHeaders(headers), body: await readBody(response) }
      } catch (error) {
        throw new NoAnswer(reason(error), { cause: error })
      }
    },
    close: () => closing.abort(),
  }
}
