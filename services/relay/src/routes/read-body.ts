import type { IncomingMessage } from 'node:http'
import { HttpError } from '@switchboard/kit/http-error'

const tooLarge = (most: number): HttpError => new HttpError('TOO_LARGE', `a body has ${most} bytes at most`)

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The body byte for byte, of any method and type; `undefined` where there is none. Rejects past `most` bytes. */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (!hasBody(request)) return Promise.resolve(undefined)
  if (Number(request.headers['content-length'] ?? 0) > most) {
    request.resume()
    return Promise.reject(tooLarge(most))
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      // The rest is read and thrown away, so that the client gets to read the answer.
      if (length > most) reject(tooLarge(most))
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(length === 0 ? undefined : Buffer.concat(chunks, length)))
    request.on('error', reject)
  })
}
