import { batch, type Signal, signal } from '@preact/signals'
import { connectChat, getRoom, type Message, type StateChange, type User } from '@switchboard/sdk/chat'
import { poll } from '../../state/poll.ts'
import { server, session } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'

/** A message as it came, or a place where some are missing. */
export type Entry = Message | { gap: string }

/** What is before the first entry: `unknown` until the room is open for the first time. */
type Earlier = 'unknown' | 'more' | 'loading' | 'nothing' | { problem: unknown }

export interface OpenRoom {
  /** Grows at its end; what is put before it makes a new array. `version` says when. */
  readonly entries: readonly Entry[]
  readonly version: Signal<number>
  readonly earlier: Signal<Earlier>
  readonly state: Signal<StateChange>
  /** Accounts that are connected now. */
  readonly members: Signal<readonly User[]>
  /** Brings what was said before the first entry; nothing where that is under way, or there is nothing. */
  loadEarlier(): Promise<void>
  /** Absent for a guest. */
  send: ((text: string) => Promise<unknown>) | undefined
  close(): void
}

/** How many messages from before are brought at once, which is as many as the server hands out. */
const HISTORY = 200
/** Milliseconds between looks at who is there: chat tells nobody of comings and goings. */
const MEMBERS_MS = 4_000

export function openRoom(name: string): OpenRoom {
  const asWho = server()
  const stop = new AbortController()
  const chat = connectChat({ ...asWho, signal: stop.signal })
  const room = chat.join(name, { history: HISTORY })
  let entries: Entry[] = []
  const version = signal(0)
  const earlier = signal<Earlier>('unknown')
  const state = stateOf(room)
  const members = signal<readonly User[]>([])
  const add = (entry: Entry) => {
    entries.push(entry)
    version.value = entries.length
  }
  const look = async () => {
    members.value = (await getRoom({ ...asWho, signal: stop.signal }, name)).members
  }
  async function loadEarlier(): Promise<void> {
    const { value } = earlier
    if (value === 'unknown' || value === 'loading' || value === 'nothing') return
    earlier.value = 'loading'
    try {
      const first = entries.find((entry) => !('gap' in entry)) as Message | undefined
      const page = await room.history({ before: first?.id, count: HISTORY })
      batch(() => {
        entries = [...page, ...entries]
        version.value = entries.length
        earlier.value = page.length < HISTORY ? 'nothing' : 'more'
      })
    } catch (problem) {
      earlier.value = { problem }
    }
  }
  room.on('message', add)
  room.on('gap', () => add({ gap: `after ${entries.length}` }))
  room.opened
    .then(() => {
      // The history was asked for this many, and all that there was has come by now.
      earlier.value = entries.length < HISTORY ? 'nothing' : 'more'
      return poll(MEMBERS_MS, stop.signal, look)
    })
    .catch(() => {})
  return {
    get entries() {
      return entries
    },
    version,
    earlier,
    state,
    members,
    loadEarlier,
    send: session.peek() && ((text) => room.send(text)),
    close: () => stop.abort(),
  }
}
