import { once } from 'node:events'
import { rawSocket } from '@switchboard/testing/socket'

export interface RawAnswer {
  status: number
  head: string
  body: string
}

function parse(text: string): RawAnswer & { whole: boolean } {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    head,
    body,
    whole: Buffer.byteLength(body) >= length,
  }
}

/** Sends the bytes as they are, which no HTTP client would do, and reads one answer. */
export async function raw(port: number, request: string): Promise<RawAnswer> {
  const socket = await rawSocket(port)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (parse(text).whole) socket.destroy()
  })
  socket.write(request)
  await once(socket, 'close')
  return parse(text)
}

/** A GET of a target that is not touched on its way. */
export const rawGet = (port: number, target: string): Promise<RawAnswer> =>
  raw(port, `GET ${target} HTTP/1.1\r\nHost: switchboard.test\r\nConnection: close\r\n\r\n`)
