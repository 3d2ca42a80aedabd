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

/** Registrations in one answer of `/registrations`: unless told, and at most. */
export const REGISTRATIONS_COUNT = 50
export const REGISTRATIONS_MAX = 200

/** What becomes of a registration. Somebody is at it while it is `approving`, for some seconds. */
export const REGISTRATION_STATES = ['waiting', 'approving', 'approved', 'rejected'] as const
export type RegistrationState = (typeof REGISTRATION_STATES)[number]

/** Columns that an imported file has, in any order; others may be there, and are not read. */
export const IMPORT_COLUMNS = ['first_name', 'last_name', 'email', 'team', 'college'] as const

/** Most rows of an imported file, and most bytes. */
export const IMPORT_ROWS = 2000
export const IMPORT_BYTES = 256 * 1024

/** What mailed links are for, and how many days each is good. */
export const LINK_DAYS = { activate: 5, reset: 2, verify: 3 } as const
export type LinkKind = keyof typeof LINK_DAYS

/** What `/auth` says with 403. */
export const AUTH_ERRORS = ['invalid credentials', 'not a teacher', 'not in a college'] as const
export type AuthError = (typeof AUTH_ERRORS)[number]

/** Parameters of requests: query, form or JSON, all text. */
export const REQUESTS = {
  /** `scope`: `self` asks for a token also where its person is no team leader. */
  auth: Type.Object({
    username: Type.String(),
    password: Type.String(),
    scope: Type.Optional(Type.String()),
  }),
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
  /** `after`: a whole number from 1, `count`: one from 1 to {@link REGISTRATIONS_MAX}. */
  registrations: Type.Object({
    state: Type.Optional(Type.String()),
    after: Type.Optional(Type.String()),
    count: Type.Optional(Type.String()),
    format: Type.Optional(Type.String()),
  }),
  approval: Type.Object({ team: Type.Optional(Type.String()) }),
  rejection: Type.Object({ reason: Type.String() }),
  /** Beside these a body of `text/csv`. */
  import: Type.Object({ dry_run: Type.Optional(Type.String()) }),
  /** One of them; `username` where both are there. */
  reset: Type.Object({ username: Type.Optional(Type.String()), email: Type.Optional(Type.String()) }),
  /** Behind a mailed link. */
  'new-password': Type.Object({ password: Type.String() }),
}
export type Change = Static<typeof REQUESTS.change>
export type Registration = Static<typeof REQUESTS.registration>

/** What became of a registration, and of whom it asks for. */
const QueuedRegistration = Type.Object({
  id: Type.Integer(),
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
  team: Type.String(),
  /** `false`: there was no such team when it came in. */
  team_known: Type.Boolean(),
  /** The userid of who asked. */
  leader: Type.String(),
  /** `college-<x>` */
  college: Type.String(),
  /** Milliseconds since the epoch. */
  created: Type.Integer(),
  state: Type.Enum(REGISTRATION_STATES),
  /** Of whom it became; may be there as soon as somebody began to approve it. */
  userid: Type.Optional(Type.String()),
  /** The userid of an administrator. */
  decided_by: Type.Optional(Type.String()),
  /** Milliseconds since the epoch. */
  decided_at: Type.Optional(Type.Integer()),
  /** Why it was rejected. */
  reason: Type.Optional(Type.String()),
})
export type QueuedRegistration = Static<typeof QueuedRegistration>

const ImportedRow = Type.Object({
  /** Where the row begins, from 1; the header is one. */
  line: Type.Integer(),
  ok: Type.Boolean(),
  /** Begins with the column where it is one column's. */
  error: Type.Optional(Type.String()),
  /** It waits in the queue already, and is not put there again. */
  already: Type.Optional(Type.Boolean()),
  /** `false`: there is no such team. */
  team_known: Type.Optional(Type.Boolean()),
})
export type ImportedRow = Static<typeof ImportedRow>

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
  /** Whose link it is. */
  link: Type.Object({ userid: Type.String() }),
  /** Behind a mailed link. */
  'logged-in': Type.Object({ token: Type.String(), userid: Type.String() }),
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
  registration: QueuedRegistration,
  /** By `id`, the oldest first. */
  registrations: Type.Object({ registrations: Type.Array(QueuedRegistration) }),
  /** `error` where nothing was queued because of some row. */
  imported: Type.Object({
    rows: Type.Array(ImportedRow),
    queued: Type.Integer(),
    error: Type.Optional(Type.String()),
  }),
}

/** Controls, line and paragraph separators and lone surrogates: in nobody's name, and a store or a mail would trip over them. */
const IMPOSSIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u
export const isImpossible = (text: string): boolean => IMPOSSIBLE.test(text)
const VISIBLE = /[^\s\p{Cf}]/u

/** A field of a registration, trimmed and otherwise as it was written. */
export function parseField(raw: string): Result<string> {
  const text = raw.trim()
  if (!VISIBLE.test(text)) return err('must not be empty')
  if (isImpossible(text)) return err('must not hold control characters or halves of characters')
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
