import { type Signal, signal } from '@preact/signals'
import { type Channel, type Channels, connectChannels, type StateChange } from '@switchboard/sdk/channels'
import { server } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'

/** What was said, or who came or went. Channels keep nothing: this is what this page heard. */
export interface Heard {
  id: string
  /** Milliseconds since the epoch, of this clock. */
  at: number
  user: string
  text: string
  kind: 'said' | 'came' | 'went'
}

export interface OpenChannel {
  readonly heard: readonly Heard[]
  readonly version: Signal<number>
  readonly users: Signal<readonly string[]>
  /** Why it cannot be entered. */
  readonly problem: Signal<unknown>
  send(text: string): Promise<unknown>
  leave(): void
}

export interface Connected {
  readonly nick: string
  readonly state: Signal<StateChange>
  /** Everyone who is connected. */
  readonly everyone: Signal<readonly string[]>
  /** Enters a channel, or answers the one that was entered before. */
  open(name: string): OpenChannel
}

/** One nickname a tab. */
export const connected = signal<Connected | undefined>(undefined)

function watchUsers(channel: Channel, users: Signal<readonly string[]>): () => void {
  return () => {
    channel.users().then(
      (now) => {
        users.value = now
      },
      () => {},
    )
  }
}

function openChannel(channels: Channels, name: string, onLeave: () => void): OpenChannel {
  const heard: Heard[] = []
  const version = signal(0)
  const users = signal<readonly string[]>([])
  const problem = signal<unknown>(undefined)
  const channel = channels.join(name)
  const look = watchUsers(channel, users)
  const add = (kind: Heard['kind'], user: string, text = '') => {
    heard.push({ id: `${heard.length}`, at: Date.now(), kind, user, text })
    version.value = heard.length
  }
  const stops = [
    channel.on('message', ({ user, message }) => add('said', user, message)),
    channel.on('join', ({ user }) => {
      add('came', user)
      look()
    }),
    channel.on('leave', ({ user }) => {
      add('went', user)
      look()
    }),
    channels.on('logout', ({ user }) => {
      if (users.peek().includes(user)) add('went', user)
      look()
    }),
  ]
  channel.joined.then(look, (error: unknown) => {
    problem.value = error
  })
  return {
    heard,
    version,
    users,
    problem,
    send: (text) => channel.send(text),
    leave() {
      for (const stop of stops) stop()
      channel.leave()
      onLeave()
    },
  }
}

/** Resolves when the nickname is had; rejects with why it is not. */
export async function connectAs(nick: string): Promise<void> {
  const channels = connectChannels({ ...server(), nick })
  const state = stateOf(channels)
  const everyone = signal<readonly string[]>([])
  const open = new Map<string, OpenChannel>()
  channels.on('users', ({ users }) => {
    everyone.value = users
  })
  channels.on('login', ({ user }) => {
    if (!everyone.peek().includes(user)) everyone.value = [...everyone.peek(), user]
  })
  channels.on('logout', ({ user }) => {
    everyone.value = everyone.peek().filter((one) => one !== user)
  })
  await channels.opened
  connected.value = {
    nick,
    state,
    everyone,
    open(name) {
      const known = open.get(name)
      if (known) return known
      const one = openChannel(channels, name, () => open.delete(name))
      open.set(name, one)
      return one
    },
  }
  close = () => channels.close()
}

let close = () => {}

export function disconnect(): void {
  close()
  connected.value = undefined
}
