import { type Static, Type } from 'typebox'
import { checker } from './decode.ts'
import { parseEmail, parsePassword } from './names.ts'
import { err, ok, type Result } from './result.ts'

/** How long a token of `/auth` lives, seconds. */
export const TOKEN_SECONDS = 24 * 60 * 60

/** Most characters (Unicode code points, trimmed) of a field of a registration. */
export const FIELD_MAX = 256

/** Entries of `/audit` in one answer: unless told, and at most. */
export const AUDIT_COUNT = 100
export const AUDIT_MAX = 500

/** What `/auth` says with 403. */
export const AUTH_ERRORS = ['invalid credentials', 'not a teacher', 'not in a college'] as const
export type AuthError = (typeof AUTH_ERRORS)[number]

/** Parameters of requests: query, form or JSON, all text. */
export const REQUESTS = {
  auth: Type.Object({ username: Type.String(), password: Type.String() }),
  deauth: Type.Object({ token: Type.String() }),
  change: Type.Object({ email: Type.Optional(Type.String()), password: Type.Optional(Type.String()) }),
  registration: Type.Object({
    first_name: Type.String(),
    last_name: Type.String(),
    email: Type.String(),
    team: Type.String(),
  }),
  /** `before`: a whole number from 1, `count`: one from 1 to {@link AUDIT_MAX}. */
  audit: Type.Object({
    before: Type.Optional(Type.String()),
    count: Type.Optional(Type.String()),
    actor: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
  }),
}
export type Change = Static<typeof REQUESTS.change>
export type Registration = Static<typeof REQUESTS.registration>

/** Bodies of answers. */
export const ANSWERS = {
  token: Type.Object({ token: Type.String() }),
  'auth-error': Type.Object({ error: Type.Enum(AUTH_ERRORS) }),
  /** In debug mode; else the body is empty. */
  deauthed: Type.Object({ deleted: Type.Boolean() }),
  /** `userids` and `teams` sorted by code unit. */
  college: Type.Object({
    userids: Type.Array(Type.String()),
    teams: Type.Array(Type.String()),
    college_name: Type.String(),
  }),
  /** `email`: empty where the person has none. */
  user: Type.Object({ full_name: Type.String(), email: Type.String() }),
  /** What was done needs no words, and neither does a refusal. */
  empty: Type.Object({}, { additionalProperties: false }),
  error: Type.Object({ error: Type.String() }),
  /** Newest first. */
  audit: Type.Object({
    entries: Type.Array(
      Type.Object({
        id: Type.Integer(),
        /** Milliseconds since the epoch. */
        at: Type.Integer(),
        /** A userid; `null`: nobody that is known, as behind a failed log-in. */
        actor: Type.Union([Type.String(), Type.Null()]),
        /** There may be others than the spec page tells of. */
        action: Type.String(),
        target: Type.Union([Type.String(), Type.Null()]),
        /** Of the client, or `command line`. */
        address: Type.String(),
        details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
      }),
    ),
  }),
}

/** Controls, line and paragraph separators and lone surrogates: in nobody's name, and a store or a mail would trip over them. */
const IMPOSSIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u
const VISIBLE = /[^\s\p{Cf}]/u

/** A field of a registration, trimmed and otherwise as it was written. */
export function parseField(raw: string): Result<string> {
  const text = raw.trim()
  if (!VISIBLE.test(text)) return err('must not be empty')
  if (IMPOSSIBLE.test(text)) return err('must not hold control characters or halves of characters')
  if ([...text].length > FIELD_MAX) return err(`must have ${FIELD_MAX} characters at most`)
  return ok(text)
}

const checkChange = checker(REQUESTS.change)
const checkRegistration = checker(REQUESTS.registration)

/** What is to change; each part is possible by itself, whether the address is another's is for the directory. */
export function parseChange(parameters: unknown): Result<Change> {
  const checked = checkChange(parameters)
  if (!checked.ok) return checked
  const change: Change = {}
  const { email, password } = checked.value
  if (email !== undefined) {
    const address = parseEmail(email)
    if (!address.ok) return err(`email: ${address.error}`)
    change.email = address.value.name
  }
  if (password !== undefined) {
    const secret = parsePassword(password)
    if (!secret.ok) return err(`password: ${secret.error}`)
    change.password = secret.value
  }
  return ok(change)
}

export function parseRegistration(parameters: unknown): Result<Registration> {
  const checked = checkRegistration(parameters)
  if (!checked.ok) return checked
  const registration = { first_name: '', last_name: '', email: '', team: '' }
  for (const name of Object.keys(registration) as (keyof Registration)[]) {
    const field = parseField(checked.value[name])
    if (!field.ok) return err(`${name}: ${field.error}`)
    registration[name] = field.value
  }
  const address = parseEmail(registration.email)
  if (!address.ok) return err(`email: ${address.error}`)
  return ok({ ...registration, email: address.value.name })
}

const checkAudit = checker(REQUESTS.audit)

/** A whole number from 1 to `max`. */
function parseWhole(name: string, text: string, max: number): Result<number> {
  const value = Number(text)
  return /^\d+$/.test(text) && value >= 1 && value <= max
    ? ok(value)
    : err(`${name}: must be a whole number from 1 to ${max}`)
}

export interface AuditQuery {
  /** Only entries with a smaller id. */
  before?: number
  count: number
  actor?: string
  action?: string
}

/** Which entries of the audit are asked for. An empty parameter counts as none. */
export function parseAuditQuery(parameters: unknown): Result<AuditQuery> {
  const checked = checkAudit(parameters)
  if (!checked.ok) return checked
  const { before, count, actor, action } = checked.value
  const most = parseWhole('count', count || String(AUDIT_COUNT), AUDIT_MAX)
  if (!most.ok) return most
  const query: AuditQuery = { count: most.value }
  if (before) {
    const id = parseWhole('before', before, Number.MAX_SAFE_INTEGER)
    if (!id.ok) return id
    query.before = id.value
  }
  for (const [name, text] of Object.entries({ actor, action })) {
    if (!text) continue
    if (IMPOSSIBLE.test(text)) return err(`${name}: must not hold control characters or halves of characters`)
    query[name as 'actor' | 'action'] = text
  }
  return ok(query)
}
