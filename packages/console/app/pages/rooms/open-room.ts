import { type Signal, signal } from '@preact/signals'
import { connectChat, getRoom, type Message, type StateChange, type User } from '@switchboard/sdk/chat'
import { poll } from '../../state/poll.ts'
import { server, session } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'

/** A message as it came, or a place where some are missing. */
export type Entry = Message | { gap: string }

export interface OpenRoom {
  /** One array, which grows; `version` says when. */
  readonly entries: readonly Entry[]
  readonly version: Signal<number>
  readonly state: Signal<StateChange>
  /** Accounts that are connected now. */
  readonly members: Signal<readonly User[]>
  /** Absent for a guest. */
  send: ((text: string) => Promise<unknown>) | undefined
  close(): void
}

/** How many messages from before are shown, which is as many as the server hands out. */
const HISTORY = 200
/** Milliseconds between looks at who is there: chat tells nobody of comings and goings. */
const MEMBERS_MS = 4_000

export function openRoom(name: string): OpenRoom {
  const asWho = server()
  const stop = new AbortController()
  const chat = connectChat({ ...asWho, signal: stop.signal })
  const room = chat.join(name, { history: HISTORY })
  const entries: Entry[] = []
  const version = signal(0)
  const state = stateOf(room)
  const members = signal<readonly User[]>([])
  const add = (entry: Entry) => {
    entries.push(entry)
    version.value = entries.length
  }
  const look = async () => {
    members.value = (await getRoom({ ...asWho, signal: stop.signal }, name)).members
  }
  room.on('message', add)
  room.on('gap', () => add({ gap: `after ${entries.length}` }))
  room.opened.then(() => poll(MEMBERS_MS, stop.signal, look)).catch(() => {})
  return {
    entries,
    version,
    state,
    members,
    send: session.peek() && ((text) => room.send(text)),
    close: () => stop.abort(),
  }
}
