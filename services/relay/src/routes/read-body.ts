import type { IncomingMessage } from 'node:http'
import { HttpError } from '@switchboard/kit/http-error'

const tooLarge = (most: number): HttpError => new HttpError('TOO_LARGE', `a body has ${most} bytes at most`)

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Told once: what was wrong, or the body byte for byte; neither where there is none. */
type Done = (error: Error | undefined, body?: Buffer) => void

/** Reads the body of any method and type; one of more than `most` bytes is an error. */
export function readBody(request: IncomingMessage, most: number, done: Done): void {
  if (!hasBody(request)) {
    done(undefined)
    return
  }
  if (Number(request.headers['content-length'] ?? 0) > most) {
    request.resume()
    done(tooLarge(most))
    return
  }
  const chunks: Buffer[] = []
  let length = 0
  let isDone = false
  const settle: Done = (error, body) => {
    if (!isDone) done(error, body)
    isDone = true
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    // The rest is read and thrown away, so that the client gets to read the answer.
    if (length > most) settle(tooLarge(most))
    else chunks.push(chunk)
  })
  request.on('end', () => settle(undefined, length === 0 ? undefined : Buffer.concat(chunks, length)))
  request.on('error', settle)
}
