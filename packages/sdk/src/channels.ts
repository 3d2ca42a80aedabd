import {
  type ChannelMessage,
  channelName,
  type Down,
  decodeDown,
  FRAME_MAX_BYTES,
  TYPES,
} from '@switchboard/protocol/client/channels'
import type { Channel, ChannelEvents } from './channels/channel.ts'
import { createQuestions } from './channels/questions.ts'
import { byteLength } from './core/bytes.ts'
import { badAnswer, badMessage, ended, ServerError, SwitchboardError, timedOut } from './core/errors.ts'
import { createEmitter, type Emitter, type Events } from './core/events.ts'
import { createFeed, type Feed } from './core/feed.ts'
import { addressOf, type Server, TIMEOUT_MS } from './core/http.ts'
import { createPending } from './core/pending.ts'
import {
  type Connection,
  type ConnectionOptions,
  openSocket,
  type StateEvents,
  socketAddress,
} from './core/socket.ts'

export type { ChannelMessage } from '@switchboard/protocol/client/channels'
export type { Channel, ChannelEvents } from './channels/channel.ts'
export { ClosedError, type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Events } from './core/events.ts'
export type { Server } from './core/http.ts'
export type { Connection, ConnectionOptions, State, StateChange } from './core/socket.ts'

export interface ChannelsOptions extends Server, ConnectionOptions {
  /** 1 to 32 characters. With the token of the account that reserved it, it is taken from whoever has it. */
  nick: string
}

export interface ChannelsEvents extends StateEvents {
  message: ChannelMessage
  /** Everyone who is connected, when one is. */
  users: { users: string[] }
  /** Somebody connected; oneself, too. */
  login: { user: string }
  logout: { user: string }
  /** What could not be done; the connection stays. The wire does not say what it was. */
  failure: ServerError
}

export interface Channels
  extends Connection,
    Events<ChannelsEvents>,
    AsyncIterable<ChannelMessage, undefined, undefined> {
  readonly nick: string
  /**
   * Enters a channel; `#django` and `django` are one.
   *
   * @throws `BAD_MESSAGE` where nothing is called that, `TOO_MANY_PLACES` past 100 channels
   */
  join(name: string, options?: { signal?: AbortSignal }): Channel
  /**
   * Says something in a channel, without being in it and without hearing whether it arrived.
   *
   * @throws `BAD_MESSAGE`, `BUFFER_FULL`, or what ended the connection
   */
  say(channel: string, text: string): void
  /** Who is connected, longest there first. */
  users(options?: { signal?: AbortSignal }): Promise<string[]>
  /**
   * Reserves the nickname for the account of that name, which is made where there is none. Rejects with `BAD_PASSWORD`,
   * `BAD_USERNAME`, `RATE_LIMITED`, `UNAVAILABLE`. Whoever comes back under a reserved nickname needs the account's token.
   */
  register(password: string, options?: { signal?: AbortSignal }): Promise<void>
}

const CONFIRM_MS = 15_000
const CHANNELS_MAX = 100
const NO_CHANNEL = /[\s,\p{Cc}\p{Cs}]/u
const NAME_MAX = 64
/** Why a nickname was not let in; the connection ends with it. */
const NICK_CODES = ['BAD_NICK', 'NICK_IN_USE', 'NICK_RESERVED']
/** What only `register` is refused with, and what it may be. */
const REGISTER_CODES = ['BAD_USERNAME', 'BAD_PASSWORD', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE']

/** The keys of questions: a channel's name, and these, which are none. */
const EVERYONE = ''
const REGISTER = ' register'
/** Nobody has to be in it: the answer is the sign of life. */
const HEARTBEAT = JSON.stringify({ type: TYPES.list, channel: '-' })

interface Inside {
  events: Emitter<ChannelEvents>
  feed: Feed<ChannelMessage>
  joined: PromiseWithResolvers<void>
  channel: Channel
  /** Stops looking at the signal. */
  release(): void
}

function checkName(written: string): string {
  const name = channelName(written)
  if (name === '' || [...name].length > NAME_MAX || NO_CHANNEL.test(name))
    throw badMessage(`the name of a channel has 1 to ${NAME_MAX} characters, and no spaces or commas`)
  return name
}

function frameOf(message: object): string {
  const frame = JSON.stringify(message)
  if (byteLength(frame) > FRAME_MAX_BYTES) throw badMessage('a message has 16 KiB at most')
  return frame
}

const said = (name: string, text: string) => `${name} ${text}`

/** Connects under a nickname, and again under the same. */
export function connectChannels(options: ChannelsOptions): Channels {
  const { url, nick, token, timeoutMs = TIMEOUT_MS } = options
  const events = createEmitter<ChannelsEvents>()
  const feed = createFeed<ChannelMessage>()
  const inside = new Map<string, Inside>()
  const pending = createPending<ChannelMessage>(CONFIRM_MS, () => socket.drop(timedOut(CONFIRM_MS)))
  const lists = createQuestions<string[]>(timeoutMs)
  const registering = createQuestions<void>(timeoutMs)
  let wasIn = false
  let isIn = false

  const joinFrame = (channel: string) => JSON.stringify({ type: TYPES.join, channel })

  function failed(code: string, message: string): void {
    if (NICK_CODES.includes(code)) {
      // After a broken connection it may be one's own, whose end the server has not noticed yet (15 s at most).
      throw new ServerError(code, message, undefined, undefined, code === 'NICK_IN_USE' && wasIn && !isIn)
    }
    const error = new ServerError(code, message)
    if (REGISTER_CODES.includes(code)) registering.refuse(REGISTER, error)
    events.emit('failure', error)
  }
  function heard(message: ChannelMessage): void {
    const name = channelName(message.dest)
    if (message.user === nick) pending.came(said(name, message.message), message)
    const place = inside.get(name)
    for (const each of [feed, place?.feed]) each?.push(message)
    for (const each of [events, place?.events] as Emitter<ChannelEvents>[]) each?.emit('message', message)
  }
  function listed(users: string[], channel = EVERYONE): void {
    lists.answer(channel, users)
    if (channel !== EVERYONE) return
    isIn = true
    wasIn = true
    socket.ready()
    events.emit('users', { users })
  }
  function moved(type: number, channel: string, user: string): void {
    const place = inside.get(channel)
    if (type === TYPES.join && user === nick) place?.joined.resolve()
    place?.events.emit(type === TYPES.join ? 'join' : 'leave', { user })
  }
  function handle(message: Down): void {
    const { type } = message
    if (type === TYPES.error) failed(message.code, message.message)
    else if (type === TYPES.message) heard(message)
    else if (type === TYPES.register) registering.answer(REGISTER)
    else if (type === TYPES.list) listed(message.users, message.channel)
    else if (type === TYPES.join || type === TYPES.leave) moved(type, message.channel, message.user)
    else events.emit(type === TYPES.login ? 'login' : 'logout', { user: message.user })
  }

  const socket = openSocket({
    ...options,
    events,
    protocols: token === undefined ? [] : [token],
    awaitsReady: true,
    address: () => socketAddress(addressOf(url, `/chat/login/${encodeURIComponent(nick)}`)),
    onOpen(send) {
      pending.reopened()
      for (const name of inside.keys()) send(joinFrame(name))
    },
    onFrame(text) {
      const message = decodeDown(text)
      if (!message) throw badAnswer('no message')
      if (message !== 'unknown') handle(message)
    },
    onLost() {
      isIn = false
      pending.paused()
      pending.failSent(new SwitchboardError('UNCONFIRMED', 'the connection broke before it came back', false))
    },
    ask() {
      socket.send(HEARTBEAT)
      return undefined
    },
    onEnd(reason, quiet) {
      pending.fail(reason, quiet)
      for (const each of [lists, registering]) each.fail(reason)
      for (const { feed, joined, release } of inside.values()) {
        release()
        feed.end(quiet ? undefined : reason)
        joined.reject(reason)
      }
      feed.end(quiet ? undefined : reason)
    },
  })

  function leave(name: string, reason?: unknown): void {
    const place = inside.get(name)
    if (!place) return
    inside.delete(name)
    place.release()
    place.feed.end(reason)
    place.joined.reject(reason ?? ended())
    if (socket.state === 'open') socket.send(JSON.stringify({ type: TYPES.leave, channel: name }))
  }
  function enter(name: string, signal: AbortSignal | undefined): Inside {
    const its = createEmitter<ChannelEvents>()
    const messages = createFeed<ChannelMessage>()
    const joined = Promise.withResolvers<void>()
    joined.promise.catch(() => {})
    const aborted = () => leave(name, signal?.reason)
    signal?.addEventListener('abort', aborted)
    const channel: Channel = {
      name,
      joined: joined.promise,
      on: its.on,
      send(text, { signal } = {}) {
        const put = (onSent: () => void) =>
          socket.send(frameOf({ type: TYPES.message, dest: name, message: text }), onSent)
        return pending.say(said(name, text), put, signal)
      },
      users: ({ signal } = {}) =>
        lists.put(name, () => socket.send(JSON.stringify({ type: TYPES.list, channel: name })), signal),
      leave: () => leave(name),
      [Symbol.asyncIterator]: () => messages[Symbol.asyncIterator](),
    }
    const release = () => signal?.removeEventListener('abort', aborted)
    return { events: its, feed: messages, joined, channel, release }
  }

  return {
    nick,
    on: events.on,
    opened: socket.opened,
    closed: socket.closed,
    close: socket.close,
    get state() {
      return socket.state
    },
    join(written, { signal } = {}) {
      signal?.throwIfAborted()
      const name = checkName(written)
      const known = inside.get(name)
      if (known) return known.channel
      if (inside.size >= CHANNELS_MAX)
        throw new SwitchboardError('TOO_MANY_PLACES', `${CHANNELS_MAX} channels at most`, false)
      const place = enter(name, signal)
      inside.set(name, place)
      if (socket.state === 'open') socket.send(joinFrame(name))
      return place.channel
    },
    say(channel, text) {
      socket.send(frameOf({ type: TYPES.message, dest: checkName(channel), message: text }))
    },
    users: ({ signal } = {}) =>
      lists.put(EVERYONE, () => socket.send(JSON.stringify({ type: TYPES.list })), signal),
    register: (password, { signal } = {}) =>
      registering.put(
        REGISTER,
        () => socket.send(JSON.stringify({ type: TYPES.register, password })),
        signal,
      ),
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
  }
}
