import { type Static, Type } from 'typebox'
import { jsonDecoder } from './decode.ts'

/** What services tell and ask each other over the bus: the only things that one knows of another. */

/** Everyone in a channel, by its name without `#`: what arrives there goes to its members as it is. */
export const channelTopic = (channel: string): string => `channels:channel:${channel}`

/** Everyone in an ide space: who joins it and who died there is told there. */
export const spaceTopic = (space: string): string => `ide:space:${space}`

/** Links were changed, or a process lets go of what it held: other topics may be listened to from now on. */
export const LINKS_CHANGED = 'chat:links:changed'

/** Each request to a relay token, by the token's SHA-256 in hex: who listens needs not keep the token. */
export const relayedTopic = (tokenHash: string): string => `relay:requests:${tokenHash}`

/** Registrations for a team, by the college of the leader who sent them. */
export const registrationsTopic = (college: string): string => `nemesis:registrations:${college}`

/** The place in presence where every service reports an account's connections, by the `nameKey` of its username. */
export const ACCOUNT_PLACES = 'person:'
export const accountPlace = (key: string): string => ACCOUNT_PLACES + key

/** What an entry in an {@link accountPlace} says. */
export const AccountInfo = Type.Object({
  service: Type.Union([Type.Literal('ide'), Type.Literal('chat'), Type.Literal('channels')]),
  /** The spaces, rooms or channels that the connection is in; none: it is connected and nowhere. */
  places: Type.Array(
    Type.Object({
      name: Type.String(),
      /** When it entered, milliseconds since the epoch. */
      since: Type.Integer(),
      /** Not everybody may enter it: {@link OPEN_SPACES} knows who may. */
      restricted: Type.Optional(Type.Literal(true)),
    }),
  ),
})
export type AccountInfo = Static<typeof AccountInfo>

/** The place in presence where each process of each service has an entry of its own; its person is the service. */
export const PROCESSES = 'processes'

/** What an entry in {@link PROCESSES} says. */
export const ProcessInfo = Type.Object({
  /** The bus' name of the process: the same one for services that run in one. */
  process: Type.String(),
  /** The names of its needs that did not answer when it last looked. */
  missing: Type.Array(Type.String()),
  /** Open ones; absent where the service keeps none. */
  connections: Type.Optional(Type.Integer({ minimum: 0 })),
})
export type ProcessInfo = Static<typeof ProcessInfo>

/** Most characters (Unicode code points) of a request's body that {@link relayedTopic} tells. */
export const RELAYED_BODY_MAX = 500

export const Relayed = Type.Object({
  /** The request's own id. */
  id: Type.String(),
  method: Type.String(),
  /** What follows the token in the URL's path, without the query. */
  path: Type.String(),
  body: Type.String(),
})
export type Relayed = Static<typeof Relayed>
export const decodeRelayed = jsonDecoder(Relayed)

/** Neither a name nor an address: the room hears that somebody registered, not who. */
export const Registered = Type.Object({ id: Type.String(), team: Type.String() })
export type Registered = Static<typeof Registered>
export const decodeRegistered = jsonDecoder(Registered)

/** Most spaces of one {@link OPEN_SPACES}; more get no answer. */
export const OPEN_SPACES_MAX = 1000

/** What may be asked of any process of a service; the first answer counts. */
export const OPEN_SPACES = {
  topic: 'ide:ask:open-spaces',
  /** `account`: an account's id. Who has more spaces asks several times. */
  decodeQuestion: jsonDecoder(
    Type.Object({
      account: Type.Integer(),
      spaces: Type.Array(Type.String(), { maxItems: OPEN_SPACES_MAX }),
    }),
  ),
  /** Those of the spaces that the account may enter now. */
  decodeAnswer: jsonDecoder(Type.Object({ open: Type.Array(Type.String()) })),
} as const

export const LIVING_TOKEN = {
  topic: 'relay:ask:living-token',
  decodeQuestion: jsonDecoder(Type.Object({ token: Type.String() })),
  decodeAnswer: jsonDecoder(Type.Object({ living: Type.Boolean() })),
} as const

export const LEADS_COLLEGE = {
  topic: 'nemesis:ask:leads-college',
  /** `token`: nemesis' own, which is good there only. */
  decodeQuestion: jsonDecoder(Type.Object({ token: Type.String(), college: Type.String() })),
  /** Whether it is the token of someone who sees that college. */
  decodeAnswer: jsonDecoder(Type.Object({ leads: Type.Boolean() })),
} as const
