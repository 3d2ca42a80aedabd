import { decodeDown, encodeUp, FRAME_MAX_BYTES } from '@switchboard/protocol/client/ide'
import { byteLength } from './core/bytes.ts'
import { badAnswer, badMessage, ServerError } from './core/errors.ts'
import { createEmitter, type Events } from './core/events.ts'
import { createFeed } from './core/feed.ts'
import { addressOf, askWhy, type Server, TIMEOUT_MS } from './core/http.ts'
import {
  type Connection,
  type ConnectionOptions,
  openSocket,
  type StateEvents,
  socketAddress,
} from './core/socket.ts'
import { createSpaces } from './ide/spaces.ts'

export type { Person, Repo, Token } from '@switchboard/protocol/client/ide'
export { ClosedError, type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Events } from './core/events.ts'
export type { Server } from './core/http.ts'
export type { Connection, ConnectionOptions, State, StateChange } from './core/socket.ts'
export {
  addMember,
  type Credentials,
  createRepo,
  deleteRepo,
  getRepos,
  logIn,
  logOut,
  removeMember,
  type SignUp,
  signUp,
} from './ide/api.ts'

export interface IdeOptions extends Server, ConnectionOptions {
  token: string
}

export interface IdeMessage {
  /** A username. */
  from: string
  /** Any JSON. */
  data: unknown
}

export interface Place {
  user: string
  space: string
}

/** What could not be done; the connection stays. */
export interface Failure {
  error: ServerError
  /** What failed: `send`, `list`, `join`, `leave`. */
  event?: string | undefined
  /** To whom it was. */
  to?: string | undefined
  space?: string | undefined
}

export interface IdeEvents extends StateEvents {
  message: IdeMessage
  /** Everyone else in a space: when it was entered, and when it was entered again after a reconnection. */
  users: { space: string; users: string[] }
  /** A person's first connection in a space is there. */
  joined: Place
  /** A person's last connection in a space is gone. */
  died: Place
  /** `NOT_CONNECTED` (nobody got what was sent), `FORBIDDEN` (a space is closed to us, or we are no longer in it), … */
  failure: Failure
}

/**
 * One person's line to others, in spaces. After a reconnection it is in the same spaces; messages that were sent meanwhile
 * are lost, as between people of whom one is away.
 */
export interface Ide extends Connection, Events<IdeEvents>, AsyncIterable<IdeMessage, undefined, undefined> {
  /**
   * Enters a space (1 to 128 characters) and answers who else is there, longest there first. While there is no connection
   * it waits. Rejects with `FORBIDDEN`, `TOO_MANY_PLACES`, `UNAVAILABLE`, `BAD_MESSAGE`, `TIMEOUT`.
   */
  enter(space: string, options?: { signal?: AbortSignal }): Promise<string[]>
  leave(space: string): void
  /**
   * Sends any JSON to every connection of a person, wherever. Nothing answers what arrives; what does not is a `failure`.
   *
   * @throws `BAD_MESSAGE` where it is no JSON or more than 64 KiB, `BUFFER_FULL`, or what ended the connection
   */
  send(to: string, data: unknown): void
}

const SPACE = /^[^\p{Cc}\p{Cs}]{1,128}$/u
const badSpace = () =>
  badMessage('the name of a space has 1 to 128 characters, none of them a control character')

function sendFrame(to: string, data: unknown): string {
  if (JSON.stringify(data) === undefined) throw badMessage('what is sent must be JSON')
  const frame = encodeUp('send', { to, data })
  if (byteLength(frame) > FRAME_MAX_BYTES) throw badMessage('what is sent has 64 KiB at most')
  return frame
}

/** To nobody: the server says that they are not connected, which is a sign of life. */
const HEARTBEAT = encodeUp('send', { to: '', data: null })

export function connectIde(options: IdeOptions): Ide {
  const { url, token, timeoutMs = TIMEOUT_MS } = options
  const events = createEmitter<IdeEvents>()
  const feed = createFeed<IdeMessage>()
  let sayNow: ((frame: string) => void) | undefined
  const spaces = createSpaces({
    say(frame) {
      sayNow?.(frame)
      return sayNow !== undefined
    },
    timeoutMs,
    onSilence: (error) => socket.drop(error),
  })

  function failed({
    code,
    message,
    event,
    to,
    space,
  }: { code: string } & Partial<Record<string, string>>): void {
    if (event === 'send' && to === '') return
    const error = new ServerError(code, message ?? `${event ?? 'a frame'}: ${code}`)
    if (space !== undefined) spaces.refused(space, error)
    events.emit('failure', { error, event, to, space })
  }
  const socket = openSocket({
    ...options,
    events,
    // The wire has the token nowhere else; encoded, because what the caller gives may be anything.
    address: () => socketAddress(addressOf(url, `/api/v1/socket?token=${encodeURIComponent(token)}`)),
    async prepare(hasFailed, signal) {
      if (hasFailed) await askWhy({ ...options, signal }, '/api/v1/repos')
    },
    onOpen(send) {
      sayNow = send
      spaces.reopened()
    },
    onFrame(text) {
      const frame = decodeDown(text)
      if (!frame) throw badAnswer('no event')
      if (frame === 'unknown') return
      const { event, params } = frame
      if (event === 'msg') {
        feed.push(params)
        events.emit('message', params)
      } else if (event === 'list') {
        const space = spaces.listed(params)
        if (space !== undefined) events.emit('users', { space, users: params })
      } else if (event === 'error') failed(params)
      else events.emit(event, params)
    },
    onLost() {
      sayNow = undefined
      spaces.paused()
    },
    ask() {
      sayNow?.(HEARTBEAT)
      return undefined
    },
    onEnd(reason, quiet) {
      sayNow = undefined
      spaces.fail(reason, quiet)
      feed.end(quiet ? undefined : reason)
    },
  })

  return {
    on: events.on,
    opened: socket.opened,
    closed: socket.closed,
    close: socket.close,
    get state() {
      return socket.state
    },
    enter(space, { signal } = {}) {
      return SPACE.test(space) ? spaces.enter(space, signal) : Promise.reject(badSpace())
    },
    leave: spaces.leave,
    send(to, data) {
      socket.send(sendFrame(to, data))
    },
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
  }
}
