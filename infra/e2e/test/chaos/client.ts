import { ClosedError, connectChat, type Room } from '@switchboard/sdk/chat'
import type { Ledger } from './ledger.ts'

export interface ChatClientOptions {
  name: string
  token: string
  /** `http://host:port` */
  url: string
  room: string
  ledger: Ledger
}

/** One of many who talk while things break; what it does about that is the SDK's. */
export interface ChatClient {
  readonly room: Room
  say(): void
}

export function joinAs({ name, token, url, room: roomName, ledger }: ChatClientOptions): ChatClient {
  const room = connectChat({ url, token }).join(roomName, { giveUpMs: Number.POSITIVE_INFINITY })
  let said = 0
  room.on('message', ({ id, text }) => ledger.received(roomName, name, id, text))
  room.on('gap', () => ledger.ended(`${name} missed more than it can be sent`))
  room.on('state', ({ state, error }) => {
    if (state === 'closed' && error) ledger.ended(`${name} was closed for good: ${error.message}`)
    else if (error instanceof ClosedError) ledger.closed(error.closeCode)
    else if (error) ledger.refused()
  })
  return {
    room,
    say() {
      const text = `${name} ${++said}`
      ledger.sent(text)
      // What became of it is in the history: the ledger compares.
      room.send(text).catch(() => {})
    },
  }
}
