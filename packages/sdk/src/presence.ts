import { successOf } from '@switchboard/protocol/client/chat'
import { decode } from '@switchboard/protocol/client/check'
import {
  encodeUp,
  isProcesses,
  isUsers,
  NAMES_MAX,
  type Process,
  type Whereabouts,
} from '@switchboard/protocol/client/presence'
import { badAnswer, SwitchboardError } from './core/errors.ts'
import { createEmitter, type Events } from './core/events.ts'
import { createFeed } from './core/feed.ts'
import { addressOf, askWhy, request, type Server } from './core/http.ts'
import {
  type Connection,
  type ConnectionOptions,
  openSocket,
  type StateEvents,
  socketAddress,
} from './core/socket.ts'

export type { Process, Whereabouts } from '@switchboard/protocol/client/presence'
export { ClosedError, type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Events } from './core/events.ts'
export type { Server } from './core/http.ts'
export type { Connection, ConnectionOptions, State, StateChange } from './core/socket.ts'

/** By name, spelled as it was asked. An empty list: connected nowhere, or nobody's name. */
export type Users = Readonly<Record<string, readonly Whereabouts[]>>

/** By the name of the service, the longest running first. An empty list: no process of it runs. */
export type Processes = Readonly<Record<string, readonly Process[]>>

export interface PresenceOptions extends Server, ConnectionOptions {
  token: string
}

export interface PresenceEvents extends StateEvents {
  /** All that is to be said of those for whom something has changed; first, and after a reconnection, of everyone. */
  change: Users
}

export interface Presence
  extends Connection,
    Events<PresenceEvents>,
    AsyncIterable<Users, undefined, undefined> {
  /** What is known now, of whom it is known. */
  readonly users: ReadonlyMap<string, readonly Whereabouts[]>
  /**
   * Replaces whom it watches.
   *
   * @throws `BAD_BINDING` where there are more than 100 names
   */
  watch(names: readonly string[]): void
}

const PATH = '/api/v1/presence'

function checkNames(names: readonly string[]): readonly string[] {
  if (names.length > NAMES_MAX) throw new SwitchboardError('BAD_BINDING', `${NAMES_MAX} names at most`, false)
  return [...names]
}

/** Where people are now, 1 to 100 of them. Rejects as `request` does. */
export async function getPresence(server: PresenceOptions, names: readonly string[]): Promise<Users> {
  const query = new URLSearchParams(names.map((name): [string, string] => ['user', name]))
  return (await request(server, `${PATH}?${query}`, { check: successOf(isUsers) })).data.users
}

/** Which processes of each service run, for whoever has an account. Rejects as `request` does. */
export async function getProcesses(server: PresenceOptions): Promise<Processes> {
  return (await request(server, '/api/v1/processes', { check: successOf(isProcesses) })).data.services
}

/** Tells where people are, over ide, chat and channels, and whenever that changes. */
export function watchPresence(options: PresenceOptions, names: readonly string[]): Presence {
  const { url, token } = options
  const events = createEmitter<PresenceEvents>()
  const feed = createFeed<Users>()
  const users = new Map<string, readonly Whereabouts[]>()
  let watched = checkNames(names)

  const socket = openSocket({
    ...options,
    events,
    protocols: [token],
    address: () => socketAddress(addressOf(url, `${PATH}/ws`)),
    async prepare(failed, signal) {
      if (failed) await askWhy({ ...options, signal }, `${PATH}?user=-`)
    },
    onOpen: (send) => send(encodeUp(watched)),
    onFrame(text) {
      const change = decode(isUsers, text)?.users
      if (!change) throw badAnswer('not where people are')
      for (const name of users.keys()) if (!watched.includes(name)) users.delete(name)
      for (const [name, places] of Object.entries(change)) if (watched.includes(name)) users.set(name, places)
      feed.push(change)
      events.emit('change', change)
    },
    // Each `watch` is answered, also one that changes nothing.
    ask() {
      socket.send(encodeUp(watched))
      return undefined
    },
    onEnd: (reason, quiet) => feed.end(quiet ? undefined : reason),
  })

  return {
    users,
    on: events.on,
    opened: socket.opened,
    closed: socket.closed,
    close: socket.close,
    get state() {
      return socket.state
    },
    watch(next) {
      watched = checkNames(next)
      if (socket.state === 'open') socket.send(encodeUp(watched))
    },
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
  }
}
