import { encodeFrame, OPCODES } from '../wire/frames.ts'
import type { Links } from '../wire/links.ts'
import { Seat } from '../wire/seat.ts'

/** What names a request, in its body and in the client's answer. */
export const nameOf = (number: number): string => `#${number}#`
const NAME = /#(\d+)#/

export interface AcknowledgerOptions {
  links: Links
  port: number
  /** The namespace with its comma (`/token,`), or ''. */
  namespace: string
  query: string
}

/** The relay's client: acknowledges each event `request` with 200 and the name of the request. */
export interface Acknowledger {
  /** How often each request came, by number. */
  readonly came: Map<number, number>
  close(): void
}

/** Connects with Socket.IO's protocol over Engine.IO 4; resolves once it is in its namespace. */
export function acknowledge({ links, port, namespace, query }: AcknowledgerOptions): Promise<Acknowledger> {
  const came = new Map<number, number>()
  const connected = Promise.withResolvers<Acknowledger>()
  const event = `42${namespace}`
  const heard = (seat: Seat, bytes: Buffer, start: number, end: number): number => {
    const text = bytes.toString('latin1', start, end)
    if (!text.startsWith(event)) return 0
    const [name = '', number] = NAME.exec(text) ?? []
    const id = text.slice(event.length, text.indexOf('[', event.length))
    came.set(Number(number), (came.get(Number(number)) ?? 0) + 1)
    seat.write(encodeFrame(OPCODES.text, `43${namespace}${id}[200,"${name}"]`))
    return 1
  }
  const seat = new Seat(0, {
    links,
    port,
    transport: 'websocket',
    path: `/socket.io/?EIO=4&transport=websocket${query}`,
    protocols: [],
    steps: [
      { hear: (text) => text.startsWith('0{') },
      { say: `40${namespace}` },
      { hear: (text) => text.startsWith(`40${namespace}`) },
    ],
    answer: (text) => (text === '2' ? '3' : undefined),
    heard,
    ready: () => connected.resolve({ came, close: () => seat.leave() }),
    lost: (_seat, why) => connected.reject(new Error(`the relay's client: ${why}`)),
  })
  return connected.promise
}
