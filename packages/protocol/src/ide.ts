import { type Static, type TSchema, Type } from 'typebox'
import { checker, parseJson } from './decode.ts'
import { rawMember } from './raw-member.ts'
import { err, ok, type Result } from './result.ts'

/** Between event and JSON, in both directions. The first one in a frame splits it. */
export const DELIMITER = ':|:'

/** Bytes of the largest frame the server takes; a larger one closes the connection (1009). */
export const FRAME_MAX_BYTES = 64 * 1024

/** 1 to 128 characters, none of them a control character or half of one (a lone surrogate). */
const ShortText = Type.String({ pattern: '^[^\\p{Cc}\\p{Cs}]{1,128}$' })

/** The id of a space, compared byte for byte. A repo's id is the id of that repo's space. */
export const Space = ShortText
export const parseSpace = checker(Space)

const InSpace = Type.Object({ space: Space })
const Gone = Type.Object({ user: Type.String(), space: Space })

/** What a client may say. */
export const UP = {
  /** To every live connection of `to`. */
  send: Type.Object({ to: Type.String(), data: Type.Unknown() }),
  /** Enters `space` and asks who else is there. */
  list: InSpace,
  /** Enters `space`. */
  join: InSpace,
  leave: InSpace,
}
export type UpEvent = keyof typeof UP

export const FRAME_ERRORS = [
  'BAD_MESSAGE',
  'NOT_CONNECTED',
  'FORBIDDEN',
  'TOO_MANY_PLACES',
  'UNAVAILABLE',
] as const

/** What the server may say. */
export const DOWN = {
  msg: Type.Object({ from: Type.String(), data: Type.Unknown() }),
  /** Everyone else in the space, once each. */
  list: Type.Array(Type.String()),
  /** A person's last connection in the space is gone. */
  died: Gone,
  /** A person's first connection in the space is there. */
  joined: Gone,
  error: Type.Object({
    code: Type.Enum(FRAME_ERRORS),
    /** Which event failed; absent where the frame named none that exists. */
    event: Type.Optional(Type.Enum(Object.keys(UP) as UpEvent[])),
    to: Type.Optional(Type.String()),
    space: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  }),
}
export type DownEvent = keyof typeof DOWN

type Frames<S extends Record<string, TSchema>> = {
  [E in keyof S]: { event: E; params: Static<S[E]> }
}[keyof S]

/** `json`: the parameters as they were written. */
export type Up = Frames<typeof UP> & { json: string }
export type Down = Frames<typeof DOWN> & { json: string }
export type FrameError = Static<typeof DOWN.error>

/** `event`: the one that the frame names, if it is one. */
export interface BadFrame<E extends string = UpEvent> {
  event?: E
  message: string
}

function decoder<S extends Record<string, TSchema>>(schemas: S) {
  type Event = keyof S & string
  const checks = new Map(Object.entries(schemas).map(([event, schema]) => [event, checker(schema)]))
  return (frame: string): Result<Frames<S> & { json: string }, BadFrame<Event>> => {
    const split = frame.indexOf(DELIMITER)
    if (split === -1) return err({ message: `no ${DELIMITER}` })
    const event = frame.slice(0, split) as Event
    const check = checks.get(event)
    if (!check) return err({ message: 'no such event' })
    const json = frame.slice(split + DELIMITER.length)
    const parsed = parseJson(json)
    const params = parsed.ok ? check(parsed.value) : parsed
    if (!params.ok) return err({ event, message: params.error })
    return ok({ event, params: params.value, json } as Frames<S> & { json: string })
  }
}

export const decodeUp = decoder(UP)
export const decodeDown = decoder(DOWN)

/**
 * Original clients drop a frame that holds the delimiter twice, so no `|` is left in the JSON. Outside of its strings JSON
 * has none, and `\|` is no escape: replacing them all changes no value.
 */
const frameOf = (event: string, json: string) =>
  event + DELIMITER + (json.includes('|') ? json.replaceAll('|', '\\u007c') : json)

export const encodeUp = <E extends UpEvent>(event: E, params: Static<(typeof UP)[E]>) =>
  frameOf(event, JSON.stringify(params))

export const encodeDown = <E extends DownEvent>(event: E, params: Static<(typeof DOWN)[E]>) =>
  frameOf(event, JSON.stringify(params))

/** The `msg` that carries a `send` (its `json`, decoded before) on: `data` as it was written. */
export const encodeMsg = (from: string, sendJson: string) =>
  frameOf('msg', `{"from":${JSON.stringify(from)},"data":${rawMember(sendJson, 'data')}}`)

const Credentials = { username: Type.String(), password: Type.String() }
const Person = Type.Object({ id: Type.String(), username: Type.String() })

/** `created`: milliseconds since the epoch. A person's `id` is the username. */
export const Repo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  url: Type.Union([Type.String(), Type.Null()]),
  owner: Person,
  members: Type.Array(Person),
  created: Type.Integer(),
})
export type Repo = Static<typeof Repo>

/** Bodies of HTTP requests, as JSON or as a form. */
export const REQUESTS = {
  auth: Type.Object({ ...Credentials, ide_id: Type.String() }),
  login: Type.Object(Credentials),
  signup: Type.Object({ ...Credentials, email: Type.String() }),
  'new-repo': Type.Object({
    name: ShortText,
    url: Type.Optional(Type.Union([Type.String({ maxLength: 2048 }), Type.Null()])),
  }),
  'new-member': Type.Object({ username: Type.String() }),
}

/** Bodies of HTTP answers. */
export const ANSWERS = {
  /** `expires`: milliseconds since the epoch. */
  token: Type.Object({ token: Type.String(), expires: Type.Integer() }),
  good: Type.Object({ good: Type.String() }),
  repo: Repo,
  repos: Type.Object({ repos: Type.Array(Repo) }),
  error: Type.Object({ error: Type.String() }),
}

/** What a document-only client is told by `user/login` and `user/signup`. */
export const LOGGED_IN = { good: 'Wonderful, you logged in.' } as const
