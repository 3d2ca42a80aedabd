import { type IncomingMessage, request as open, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Set on what one process passes on to another, so that nothing is ever passed on twice. */
const PASSED = 'x-relay-passed-on'
export const isPassedOn = ({ headers }: IncomingMessage): boolean => headers[PASSED] !== undefined

/** Longest silence of the process that a request was passed on to, milliseconds; a poll is answered at each ping. */
const SILENCE_MS = 30_000

/** Those of one connection (RFC 9110 §7.6.1). */
const CONNECTION_HEADERS = ['connection', 'keep-alive', 'transfer-encoding']

function withoutConnection(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const rest = { ...headers }
  for (const name of CONNECTION_HEADERS) delete rest[name]
  return rest
}

// Each on a connection of its own: one that was kept could be closed by the other side in the same moment.
function openOnward(base: string, request: IncomingMessage, headers: IncomingMessage['headers']) {
  return open(base + request.url, {
    method: request.method,
    headers: { ...headers, [PASSED]: '1' },
    agent: false,
  })
}

/** Has `base` answer the request. `gone` is called instead where nothing answers there. */
export function passOn(
  base: string,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  gone: () => void,
): void {
  const onward = openOnward(base, request, withoutConnection(request.headers))
  onward.setTimeout(SILENCE_MS, () => onward.destroy())
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else if (!response.destroyed) gone()
  })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers))
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  response.once('close', () => onward.destroy())
  request.pipe(onward)
}

/** The answer's first line and headers as they came. */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy())
    from.once('close', () => to.destroy())
    from.pipe(to)
  }
}

/** Has `base` take the upgraded connection. `gone` is called instead where nothing answers there. */
export function passOnUpgrade(
  base: string,
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  gone: () => void,
): void {
  const onward = openOnward(base, request, request.headers)
  let isAnswered = false
  onward.setTimeout(SILENCE_MS, () => onward.destroy())
  onward.on('error', () => isAnswered || socket.destroyed || gone())
  onward.on('upgrade', (answer, other, first) => {
    isAnswered = true
    other.setTimeout(0)
    socket.write(headOf(answer))
    socket.write(first)
    other.write(head)
    join(socket, other)
  })
  onward.on('response', (answer) => {
    isAnswered = true
    socket.end(headOf(answer))
    onward.destroy()
  })
  socket.once('close', () => onward.destroy())
  socket.on('error', () => socket.destroy())
  onward.end()
}
