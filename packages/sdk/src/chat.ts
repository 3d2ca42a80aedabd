import { type JoinOptions, joinRoom, type Room } from './chat/room.ts'
import type { Server } from './core/http.ts'
import type { ConnectionOptions } from './core/socket.ts'

export type {
  Link,
  LoggedIn,
  Message,
  Room as RoomFacts,
  Sender,
  User,
} from '@switchboard/protocol/client/chat'
export {
  addLink,
  type Credentials,
  getLinks,
  getMessage,
  getMessages,
  getRoom,
  getUser,
  type HistoryQuery,
  type LinkTarget,
  logIn,
  removeLink,
  signUp,
} from './chat/api.ts'
export type { HistoryPage, JoinOptions, Room, RoomEvents } from './chat/room.ts'
export { ClosedError, type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Events } from './core/events.ts'
export type { Server } from './core/http.ts'
export type { Connection, ConnectionOptions, State, StateChange } from './core/socket.ts'

export interface ChatOptions extends Server, ConnectionOptions {}

export interface Chat {
  /**
   * Enters a room, which is there from its first join. With a token you may speak, without one you listen.
   *
   * @param name 1 to 64 letters, digits and `.`, `_`, `-`; anything else ends the room with `BAD_BINDING`
   */
  join(name: string, options?: JoinOptions): Room
  /** Closes every room. */
  close(): void
}

/** Chat on a Switchboard. Nothing is connected before a room is joined; each room has a connection. */
export function connectChat(options: ChatOptions): Chat {
  const rooms = new Set<Room>()
  return {
    join(name, its = {}) {
      const signals = [options.signal, its.signal].filter((signal) => signal !== undefined)
      const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
      const room = joinRoom(options, name, { ...options, ...its, signal })
      rooms.add(room)
      void room.closed.then(() => rooms.delete(room))
      return room
    },
    close() {
      for (const room of rooms) room.close()
    },
  }
}
