/** How the measured servers are spoken to: one entry for each protocol. */

/** What a new connection says, and what it waits for (a text that this says yes to), in order. */
export type Step = { say: string } | { hear: (text: string) => boolean }

export interface Person {
  role: 'listener' | 'publisher'
  /** From 0, among those of its role. */
  index: number
  group: number
}

export interface Wire {
  transport: 'websocket' | 'lines'
  path?(person: Person): string
  protocols?(person: Person): string[]
  steps?(person: Person): Step[]
  /** The whole message by which a publisher says `text`. */
  message(person: Person, text: string): string
  /** What has to be answered, whenever it comes. */
  answer?(text: string): string | undefined
  /** Publishers are in their own group. */
  publishersListen: boolean
  /** A publisher that listens gets its own messages too. */
  echoes: boolean
  /** Handshakes at a time. */
  handshakes?: number
}

/** What the server's side has made for the load: whatever of it a wire needs. */
export interface Prepared {
  /** One for each person, or fewer in turn. */
  tokens?: string[]
  /** Names of accounts, in the order of `tokens`, and the password of each. */
  names?: string[]
  secret?: string
  /** Of a relay: where requests go, and the client's namespace (`/token,`, or '') and query. */
  relayPath?: string
  namespace?: string
  query?: string
}

const nickOf = ({ role, index }: Person): string => `${role === 'listener' ? 's' : 'p'}${index}`

/** About 150 bytes with the text of a mark. */
const roomMessage = (person: Person, text: string): string =>
  JSON.stringify({ type: 'message', user: nickOf(person), room: `r${person.group}`, text })

const inTurn = (list: readonly string[] = [], index: number): string => list[index % list.length] ?? ''

const room = (): Wire => ({
  transport: 'websocket',
  path: ({ group }) => `/r/${group}`,
  message: roomMessage,
  publishersListen: true,
  echoes: false,
})

const engineIoPong = (text: string): string | undefined => (text === '2' ? '3' : undefined)

const socketIo = (): Wire => ({
  transport: 'websocket',
  path: ({ group }) => `/socket.io/?EIO=4&transport=websocket&room=r${group}`,
  steps: () => [
    { hear: (text) => text.startsWith('0{') },
    { say: '40' },
    { hear: (text) => text === '42["joined"]' },
  ],
  message: (person, text) => `42["m",${roomMessage(person, text)}]`,
  answer: engineIoPong,
  publishersListen: true,
  echoes: false,
})

const chat = ({ tokens }: Prepared): Wire => ({
  transport: 'websocket',
  path: ({ group }) => `/api/v1/rooms/bench-${group}/messages/ws`,
  protocols: ({ index }) => [inTurn(tokens, index)],
  message: (_person, text) => JSON.stringify({ text }),
  publishersListen: true,
  echoes: true,
})

interface ChannelsFrame {
  type: number
  user?: string
}

const channels = (): Wire => ({
  transport: 'websocket',
  path: (person) => `/chat/login/${nickOf(person)}`,
  steps: (person) => [
    { say: JSON.stringify({ type: 4, channel: `#bench${person.group}` }) },
    {
      hear(text) {
        const { type, user } = JSON.parse(text) as ChannelsFrame
        return type === 4 && user === nickOf(person)
      },
    },
  ],
  message: ({ group }, text) => JSON.stringify({ type: 0, dest: `#bench${group}`, message: text }),
  publishersListen: true,
  echoes: true,
})

/** Publisher `i` speaks to listener `i`; listeners have the first half of the accounts. */
const ide = ({ tokens = [], names = [] }: Prepared): Wire => {
  const half = tokens.length / 2
  return {
    transport: 'websocket',
    path: ({ role, index }) =>
      `/api/v1/socket?token=${role === 'listener' ? tokens[index] : tokens[half + index]}`,
    message: ({ index }, text) =>
      `send:|:${JSON.stringify({ to: names[index], data: { type: 'offer', sdp: text } })}`,
    publishersListen: false,
    echoes: false,
  }
}

const peerJs = (): Wire => ({
  transport: 'websocket',
  path: (person) => `/peerjs?key=peerjs&id=${nickOf(person)}&token=t${nickOf(person)}&version=1.5.0`,
  steps: () => [{ hear: (text) => text.includes('"OPEN"') }],
  message: ({ index }, text) =>
    JSON.stringify({
      type: 'OFFER',
      dst: `s${index}`,
      payload: { sdp: text, type: 'media', connectionId: 'mc' },
    }),
  publishersListen: false,
  echoes: false,
})

const irc = (): Wire => ({
  transport: 'lines',
  steps: (person) => [
    { say: `NICK ${nickOf(person)}` },
    { say: `USER ${nickOf(person)} 0 * :bench` },
    { hear: (text) => text.includes(' 001 ') },
    { say: `JOIN #room${person.group}` },
    { hear: (text) => text.includes(' 366 ') },
  ],
  message: ({ group }, text) => `PRIVMSG #room${group} :${text}`,
  answer: (text) => (text.startsWith('PING ') ? `PONG ${text.slice(5)}` : undefined),
  publishersListen: true,
  echoes: false,
  // ngircd's backlog is 10.
  handshakes: 4,
})

const WIRES = { room, socketIo, chat, channels, ide, peerJs, irc } as const

export type WireName = keyof typeof WIRES

export const createWire = (name: WireName, prepared: Prepared): Wire => WIRES[name](prepared)
