import { type Static, type TSchema, Type } from 'typebox'
import { AccountInfo, ProcessInfo } from './between.ts'
import { jsonDecoder } from './decode.ts'

/** Most names that are asked about, or watched, at once. */
export const NAMES_MAX = 100

/** Reasons of this wire beside the close codes, next to the common ones. */
export const REASONS = {
  /** 1008: no list of names, or too many of them. */
  badMessage: 'BAD_MESSAGE',
} as const

/** What a client may say. */
export const UP = {
  /** The usernames that it wants to hear of from now on, and of no others. */
  watch: Type.Object({ watch: Type.Array(Type.String(), { maxItems: NAMES_MAX }) }),
}

/** Where an account is, once for each service and place. */
export const Whereabouts = Type.Object({
  service: AccountInfo.properties.service,
  /** The room, space or channel. Absent: connected and nowhere, or in a space that the asker may not enter. */
  place: Type.Optional(Type.String()),
  /** The earliest of its connections there, milliseconds since the epoch. */
  since: Type.Integer({ minimum: 0 }),
})
export type Whereabouts = Static<typeof Whereabouts>

/** By name, spelled as it was asked. An empty list: connected nowhere, or nobody's name. */
const Users = Type.Object({
  users: Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Type.Array(Whereabouts)),
})
export type Users = Static<typeof Users>

/** One process of a service. */
export const Process = Type.Object({
  /** The same one for services that run in one process; another one after each start. */
  id: Type.String(),
  /** Since when it is there, milliseconds since the epoch. */
  since: Type.Integer({ minimum: 0 }),
  /** What it needs and does not reach, by name; empty: it is ready. */
  missing: ProcessInfo.properties.missing,
  /** How many clients are connected to it; absent where a service keeps no connections. */
  connections: ProcessInfo.properties.connections,
})
export type Process = Static<typeof Process>

/** By the name of the service, each service once. An empty list: none of it runs. */
const Processes = Type.Object({ services: Type.Record(Type.String(), Type.Array(Process)) })
export type Processes = Static<typeof Processes>

/** What the server may say: all of what was asked for, then whatever of it has changed. */
export const DOWN = {
  users: Users,
}

export const decodeUp = jsonDecoder(UP.watch)
export const decodeDown = jsonDecoder(DOWN.users)

export const encodeUp = (names: readonly string[]): string => JSON.stringify({ watch: names })

/** One account's, oldest first, as it stands in {@link encodeUsers}. */
export const encodeWhereabouts = (whereabouts: readonly Whereabouts[]): string => JSON.stringify(whereabouts)

/** Written by hand, because an object would put `1` before `a` and lose `__proto__`. */
export const encodeUsers = (encoded: Iterable<readonly [name: string, whereabouts: string]>): string =>
  `{"users":{${[...encoded].map(([name, whereabouts]) => `${JSON.stringify(name)}:${whereabouts}`).join(',')}}}`

const success = <S extends TSchema>(data: S) => Type.Object({ error: Type.Null(), data })

/** Bodies of HTTP answers. */
export const ANSWERS = {
  users: success(Users),
  processes: success(Processes),
  /** As in chat. */
  failure: Type.Object({
    error: Type.Object({ type: Type.String(), Type: Type.String(), message: Type.String() }),
    data: Type.Null(),
  }),
}
