import { type Check, decode, isInteger, isNull, isText, listOf, objectOf, optional } from './check.ts'

/** Between event and JSON, in both directions. The first one in a frame splits it. */
export const DELIMITER = ':|:'

/** Bytes of the largest frame that the server takes. */
export const FRAME_MAX_BYTES = 64 * 1024

export interface Down {
  msg: { from: string; data: unknown }
  /** Everyone else in the space, once each, longest there first. */
  list: string[]
  /** A person's first connection in the space is there. */
  joined: { user: string; space: string }
  /** A person's last connection in the space is gone. */
  died: { user: string; space: string }
  error: {
    code: string
    /** Which event failed; absent where the frame named none that exists. */
    event?: string | undefined
    to?: string | undefined
    space?: string | undefined
    message?: string | undefined
  }
}

const isPlace = objectOf<Down['joined']>({ user: isText, space: isText })

/** What the server says, by event. */
export const DOWN: { readonly [E in keyof Down]: Check<Down[E]> } = {
  msg: objectOf<Down['msg']>({
    from: isText,
    // JSON has no `undefined`: what is there is any of it.
    data: (value): value is unknown => value !== undefined,
  }),
  list: listOf(isText),
  joined: isPlace,
  died: isPlace,
  error: objectOf<Down['error']>({
    code: isText,
    event: optional(isText),
    to: optional(isText),
    space: optional(isText),
    message: optional(isText),
  }),
}

export type DownFrame = { [E in keyof Down]: { event: E; params: Down[E] } }[keyof Down]

/** An event as every service names them; one that is not known here is a newer server's. */
const EVENT = /^[a-z]+$/

/** One frame. `unknown`: an event that is not listed here; `undefined`: nothing that the server says. */
export function decodeDown(frame: string): DownFrame | 'unknown' | undefined {
  const split = frame.indexOf(DELIMITER)
  const event = frame.slice(0, Math.max(split, 0))
  if (!EVENT.test(event)) return
  if (!Object.hasOwn(DOWN, event)) return 'unknown'
  const params = decode(DOWN[event as keyof Down] as Check<unknown>, frame.slice(split + DELIMITER.length))
  return params === undefined ? undefined : ({ event, params } as DownFrame)
}

export interface Up {
  send: { to: string; data: unknown }
  list: { space: string }
  join: { space: string }
  leave: { space: string }
}

export const encodeUp = <E extends keyof Up>(event: E, params: Up[E]): string =>
  event + DELIMITER + JSON.stringify(params)

export interface Person {
  /** The username. */
  id: string
  username: string
}
const isPerson = objectOf<Person>({ id: isText, username: isText })

export interface Repo {
  id: string
  name: string
  url: string | null
  owner: Person
  /** Whom the owner added, without the owner. */
  members: Person[]
  /** Milliseconds since the epoch. */
  created: number
}
export const isRepo: Check<Repo> = objectOf<Repo>({
  id: isText,
  name: isText,
  url: (value): value is string | null => isNull(value) || isText(value),
  owner: isPerson,
  members: listOf(isPerson),
  created: isInteger,
})
export const isRepos: Check<{ repos: Repo[] }> = objectOf<{ repos: Repo[] }>({ repos: listOf(isRepo) })

export interface Token {
  token: string
  /** Milliseconds since the epoch. */
  expires: number
}
export const isToken: Check<Token> = objectOf<Token>({ token: isText, expires: isInteger })
