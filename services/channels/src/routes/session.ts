import type { Entry } from '@switchboard/hub/presence'
import type { Name } from '@switchboard/protocol/names'

/** What the service keeps for one connection. */
export interface Session {
  nick: Name
  /** Whose limits its log-ins count against. */
  address: string
  /** The account whose token it offered. */
  account: number | undefined
  /** When it connected, milliseconds since the epoch. */
  since: number
  /** The channels that it is in. */
  channels: Set<string>
  /** It has its nickname, or is about to. */
  present: boolean
  /** It is reported as a connection of its account, for which its nickname is reserved. */
  reported: boolean
  /** Its nickname was taken from it. */
  displaced: boolean
  /** Settles once it was announced; nothing that it says is handled before. */
  starting: Promise<void> | undefined
  /** A reservation that is under way, and how to give it up. */
  registering: { done: Promise<void>; giveUp: AbortController } | undefined
  /** Ends the watch over its token. */
  unwatch: (() => void) | undefined
}

export const newSession = (nick: Name, address: string, since: number): Session => ({
  nick,
  address,
  account: undefined,
  since,
  channels: new Set(),
  present: false,
  reported: false,
  displaced: false,
  starting: undefined,
  registering: undefined,
  unwatch: undefined,
})

/** How presence lists it. */
export const entryOf = (connection: string, { nick, since }: Session, info: unknown): Entry => ({
  connection,
  person: nick.key,
  since,
  info,
})

/** The nickname in an entry of this service's places. */
export const nickOf = ({ info, person }: Entry): string => (typeof info === 'string' ? info : person)
