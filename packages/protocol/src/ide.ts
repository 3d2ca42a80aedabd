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

/** `dataJson`: as it was written, so that numbers keep their digits and no depth is too deep. */
interface Sent {
  event: 'send'
  params: { to: string; dataJson: string }
}

export type Up = Sent | Frames<Omit<typeof UP, 'send'>>
export type Down = Frames<typeof DOWN>
export type FrameError = Static<typeof DOWN.error>

/** `event`: the one that the frame names, if it is one. */
export interface BadFrame<E extends string = UpEvent> {
  event?: E
  message: string
}

function decoder<S extends Record<string, TSchema>>(schemas: S) {
  type Event = keyof S & string
  const checks = new Map(Object.entries(schemas).map(([event, schema]) => [event, checker(schema)]))
  return (frame: string): Result<Frames<S>, BadFrame<Event>> => {
    const split = frame.indexOf(DELIMITER)
    if (split === -1) return err({ message: `no ${DELIMITER}` })
    const event = frame.slice(0, split) as Event
    const check = checks.get(event)
    if (!check) return err({ message: 'no such event' })
    const parsed = parseJson(frame.slice(split + DELIMITER.length))
    const params = parsed.ok ? check(parsed.value) : parsed
    if (!params.ok) return err({ event, message: params.error })
    return ok({ event, params: params.value } as Frames<S>)
  }
}

const decodeAny = decoder(UP)

const SEND = `send${DELIMITER}{"to":"`
const DATA = ',"data":'
const WITHOUT_ESCAPES = /^[^\\\p{Cc}]*$/u

/** A `send` as `JSON.stringify` writes it, and nearly every client: most of what comes, so nothing is looked at twice. */
function decodeUsualSend(frame: string): Sent | undefined {
  if (!frame.startsWith(SEND) || !frame.endsWith('}')) return undefined
  const end = frame.indexOf('"', SEND.length)
  const to = frame.slice(SEND.length, end)
  if (!frame.startsWith(DATA, end + 1) || !WITHOUT_ESCAPES.test(to)) return undefined
  const dataJson = frame.slice(end + 1 + DATA.length, -1)
  // It is one value, so what is around it is JSON, too, and has no further member.
  return parseJson(dataJson).ok ? { event: 'send', params: { to, dataJson } } : undefined
}

export function decodeUp(frame: string): Result<Up, BadFrame> {
  const usual = decodeUsualSend(frame)
  if (usual) return ok(usual)
  const up = decodeAny(frame)
  if (!up.ok || up.value.event !== 'send') return up as Result<Up, BadFrame>
  const json = frame.slice(frame.indexOf(DELIMITER) + DELIMITER.length)
  return ok({
    event: 'send',
    params: { to: up.value.params.to, dataJson: rawMember(json, 'data') as string },
  })
}

export const decodeDown = decoder(DOWN)

/**
 * Original clients drop a frame that holds the delimiter twice, so no `|` is left in the JSON. Outside of its strings JSON
 * has none, and `\|` is no escape: replacing them all changes no value.
 */
const withoutBars = (json: string) => (json.includes('|') ? json.replaceAll('|', '\\u007c') : json)

const frameOf = (event: string, json: string) => event + DELIMITER + withoutBars(json)

export const encodeUp = <E extends UpEvent>(event: E, params: Static<(typeof UP)[E]>) =>
  frameOf(event, JSON.stringify(params))

export const encodeDown = <E extends DownEvent>(event: E, params: Static<(typeof DOWN)[E]>) =>
  frameOf(event, JSON.stringify(params))

/** The `msg` that carries the `dataJson` of a `send` on. */
export const encodeMsg = (from: string, dataJson: string) =>
  `msg${DELIMITER}{"from":${withoutBars(JSON.stringify(from))},"data":${withoutBars(dataJson)}}`

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
