import type { Unsubscribe } from '@switchboard/hub/broker'
import type { KeptEntry } from '@switchboard/hub/kept-entry'
import type { Entry } from '@switchboard/hub/presence'
import type { AccountInfo } from '@switchboard/protocol/between'
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
  /** The channels that it is in, and when it entered each, milliseconds since the epoch. */
  channels: Map<string, number>
  /** It has its nickname, or is about to. */
  present: boolean
  /** Everyone was told of its log-in. */
  announced: boolean
  /** Lets go of what was subscribed for it before its 101; there until it is the hub's. */
  release: Unsubscribe | undefined
  /** It is reported as a connection of its account, for which its nickname is reserved, with its channels. */
  reported: KeptEntry | undefined
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
  channels: new Map(),
  present: false,
  announced: false,
  release: undefined,
  reported: undefined,
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

/** What other services may know of it. */
export const accountInfo = ({ channels }: Session): AccountInfo => ({
  service: 'channels',
  places: [...channels].map(([name, since]) => ({ name, since })),
})

/** The nickname in an entry of this service's places. */
export const nickOf = ({ info, person }: Entry): string => (typeof info === 'string' ? info : person)
