import { encodeDown, type FrameError, parseChannel, TYPES, type Up } from '@switchboard/protocol/channels'
import { type Name, nameKey } from '@switchboard/protocol/names'
import type { Effect } from './effects.ts'

/** What is known of the connection that speaks. */
export interface Speaker {
  nick: Name
  channels: Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>
}

export const refusal = (code: FrameError, message: string): string =>
  encodeDown({ type: TYPES.error, code, message })

const refuse = (code: FrameError, message: string): Effect => ({
  kind: 'reply',
  frame: refusal(code, message),
})

/** What a malformed frame leads to. */
export const misunderstood = (why: string): Effect => refuse('BAD_MESSAGE', why)

function message({ nick }: Speaker, dest: string, text: string): Effect {
  const channel = parseChannel(dest)
  if (!channel.ok) return misunderstood(channel.error)
  const frame = encodeDown({ type: TYPES.message, dest, message: text, user: nick.name })
  return { kind: 'publish', channel: channel.value, frame }
}

function join({ nick, channels }: Speaker, raw: string, places: number): Effect | undefined {
  const channel = parseChannel(raw)
  if (!channel.ok) return misunderstood(channel.error)
  if (channels.has(channel.value)) return undefined
  if (channels.size >= places)
    return refuse('TOO_MANY_PLACES', `you are in ${places} channels; leave one first`)
  const frame = encodeDown({ type: TYPES.join, channel: channel.value, user: nick.name })
  return { kind: 'enter', channel: channel.value, frame }
}

function leave({ nick, channels }: Speaker, raw: string): Effect | undefined {
  const channel = parseChannel(raw)
  if (!channel.ok) return misunderstood(channel.error)
  if (!channels.has(channel.value)) return undefined
  const frame = encodeDown({ type: TYPES.leave, channel: channel.value, user: nick.name })
  return { kind: 'leave', channel: channel.value, frame }
}

function login({ nick }: Speaker, user: string): Effect | undefined {
  if (nameKey(user) === nick.key) return undefined
  return refuse('ALREADY_LOGGED_IN', 'you have another nickname; connect anew for this one')
}

function list(raw: string | undefined): Effect {
  if (raw === undefined) return { kind: 'list', channel: undefined }
  const channel = parseChannel(raw)
  return channel.ok ? { kind: 'list', channel: channel.value } : misunderstood(channel.error)
}

/**
 * What a message of a client leads to; `undefined`: nothing.
 * @param places most channels that a connection may be in
 */
export function handle(speaker: Speaker, up: Up, places: number): Effect | undefined {
  switch (up.type) {
    case TYPES.message:
      return message(speaker, up.dest, up.message)
    case TYPES.register:
      return { kind: 'register', password: up.password }
    case TYPES.login:
      return login(speaker, up.user)
    case TYPES.logout:
      return { kind: 'logout' }
    case TYPES.join:
      return join(speaker, up.channel, places)
    case TYPES.leave:
      return leave(speaker, up.channel)
    case TYPES.list:
      return list(up.channel)
  }
}
