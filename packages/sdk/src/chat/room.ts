import {
  encodeUp,
  FRAME_MAX_BYTES,
  isMessages,
  type Message,
  TEXT_MAX,
} from '@switchboard/protocol/client/chat'
import { decode } from '@switchboard/protocol/client/check'
import { byteLength } from '../core/bytes.ts'
import { badAnswer, badMessage, ServerError, SwitchboardError, timedOut } from '../core/errors.ts'
import { createEmitter, type Events } from '../core/events.ts'
import { createFeed } from '../core/feed.ts'
import { addressOf, askWhy, type Server } from '../core/http.ts'
import { createPending } from '../core/pending.ts'
import {
  type Connection,
  type ConnectionOptions,
  openSocket,
  type StateEvents,
  socketAddress,
} from '../core/socket.ts'
import { accountOf } from '../core/token.ts'
import { getMessages, getRoom, roomPath } from './api.ts'

export interface JoinOptions extends ConnectionOptions {
  /** How many messages from before are brought first, 200 at most; none unless told. */
  history?: number
  /** The id of the message that was seen last, to go on from there. */
  after?: string
  /**
   * How long a sent message may take to come back while there is a connection, milliseconds; 15,000 unless told. The server
   * itself gives up after 10 seconds.
   */
  confirmMs?: number
}

export interface RoomEvents extends StateEvents {
  message: Message
  /** More was missed than the server sends, 1,000 messages: there is a gap before the next message. */
  gap: undefined
}

/**
 * A chat room. Whatever happens to connections, messages come in the room's order, none missing but at a `gap`, and none
 * twice, as `message` events and to every iterator.
 */
export interface Room extends Connection, Events<RoomEvents>, AsyncIterable<Message, undefined, undefined> {
  readonly name: string
  /** The id of the newest message that was seen. */
  readonly last: string | undefined
  /**
   * Says something. Resolves with the message as it is stored, when it has come back. While there is no connection it
   * waits; what was given to a connection is never said again.
   *
   * The room does not tell which of an account's clients said a message. Where the same account says the same text twice
   * at once, from two clients, either may be taken for the other.
   *
   * Rejects with `READ_ONLY` (a guest), `BAD_MESSAGE` (more than 4,096 characters or 16 KiB), `BUFFER_FULL` (1,000 messages
   * wait), `NOT_STORED` (it is not in the room; the database was away), `UNCONFIRMED` (it may be in the room: a connection
   * broke, or nothing came back in time), or with what ended the room.
   */
  send(text: string, options?: { signal?: AbortSignal }): Promise<Message>
  /**
   * What was said right before a message, oldest first; a page that is not full begins the room. Without `before`, the
   * newest. It is asked over HTTP, and no event tells of it.
   *
   * Rejects as {@link getMessages} does: with `MESSAGE_NOT_FOUND` where the room has no message `before`.
   */
  history(page?: HistoryPage): Promise<Message[]>
}

export interface HistoryPage {
  /** The id of a message of the room. */
  before?: string | undefined
  /** 50 unless told, 200 at most. */
  count?: number
  signal?: AbortSignal | undefined
}

/** No message's id: what comes after it is everything. */
const NO_MESSAGE = '00000000-0000-0000-0000-000000000000'
const CONFIRM_MS = 15_000
/** Ids of messages that were seen last; a server that does not know where we are sends 1,000 again. */
const SEEN_MAX = 2_000

function checkText(text: string): string {
  const frame = encodeUp(text)
  const isLong = text.length > TEXT_MAX && [...text].length > TEXT_MAX
  if (isLong || byteLength(frame) > FRAME_MAX_BYTES)
    throw badMessage(`a text has ${TEXT_MAX} characters and 16 KiB at most`)
  return frame
}

const ignoreUnknownRoom = (error: unknown): undefined => {
  if (error instanceof SwitchboardError && error.code === 'ROOM_NOT_FOUND') return
  throw error
}

export function joinRoom(server: Server, name: string, options: JoinOptions): Room {
  const { history = 0, after, confirmMs = CONFIRM_MS } = options
  const { url, token } = server
  const me = token === undefined ? undefined : accountOf(token)
  const events = createEmitter<RoomEvents>()
  const feed = createFeed<Message>()
  const pending = createPending<Message>(confirmMs, () => socket.drop(timedOut(confirmMs)))
  const seen = new Set(after === undefined ? [] : [after])
  const path = `/api/v1${roomPath(name)}`
  const whyPath = token === undefined ? path : `${path}/links`
  let last = after
  let isBased = after !== undefined
  let roomId: string | undefined

  function deliver(message: Message): void {
    const { id, sender, text } = message
    if (seen.has(id)) return
    seen.add(id)
    if (seen.size > SEEN_MAX) {
      const [oldest = ''] = seen
      seen.delete(oldest)
    }
    last = id
    if (sender.id === me) pending.came(text, message)
    feed.push(message)
    events.emit('message', message)
  }
  async function page({ signal, ...query }: HistoryPage): Promise<Message[]> {
    const asking = { ...server, signal }
    roomId ??= (await getRoom(asking, name).catch(ignoreUnknownRoom))?.id
    return roomId === undefined ? [] : getMessages(asking, { roomId, ...query })
  }
  /** Where the room is now: everything after that is sent to us, whatever becomes of the first connection. */
  async function findBase(signal: AbortSignal): Promise<void> {
    const messages = await page({ count: Math.max(history, 1), signal })
    isBased = true
    if (history > 0) for (const message of messages) deliver(message)
    last = messages.at(-1)?.id
    if (last !== undefined) seen.add(last)
  }
  const socket = openSocket({
    ...options,
    events,
    protocols: token === undefined ? [] : [token],
    address: () =>
      socketAddress(addressOf(url, `${path}/messages/ws?after=${encodeURIComponent(last ?? NO_MESSAGE)}`)),
    async prepare(failed, signal) {
      if (failed) await askWhy({ ...server, signal }, whyPath, 'ROOM_NOT_FOUND')
      if (!isBased) await findBase(signal)
    },
    onOpen: () => pending.reopened(),
    onFrame(text) {
      const messages = decode(isMessages, text)
      if (!messages) throw badAnswer('not a list of messages')
      if (messages.length === 0 && last !== undefined) events.emit('gap', undefined)
      for (const message of messages) deliver(message)
    },
    onLost(error) {
      pending.paused()
      if (error.code === 'NOT_STORED') pending.failSent(error)
    },
    // A quiet room is asked over HTTP: where nothing was said, nothing is missed.
    ask: (signal) =>
      page({ count: 1, signal }).then(
        ([message]) => message === undefined || seen.has(message.id) || message.id === last,
        (error: unknown) => error instanceof ServerError,
      ),
    onEnd(reason, quiet) {
      pending.fail(reason, quiet)
      feed.end(quiet ? undefined : reason)
    },
  })

  return {
    name,
    on: events.on,
    opened: socket.opened,
    closed: socket.closed,
    close: socket.close,
    get state() {
      return socket.state
    },
    get last() {
      return last
    },
    send(text, { signal } = {}) {
      const put = (onSent: () => void) => {
        if (token === undefined) throw new SwitchboardError('READ_ONLY', 'a guest only listens', false)
        return socket.send(checkText(text), onSent)
      }
      return pending.say(text, put, signal)
    },
    history: (asked) => page({ signal: options.signal, ...asked }),
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
  }
}
