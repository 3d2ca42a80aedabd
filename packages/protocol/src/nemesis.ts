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

const checkRegistrations = checker(REQUESTS.registrations)
const checkApproval = checker(REQUESTS.approval)
const checkRejection = checker(REQUESTS.rejection)
const checkImport = checker(REQUESTS.import)

/** Highest id that PostgreSQL's `integer` holds. */
const REGISTRATION_ID_MAX = 2 ** 31 - 1

/** A registration's id as a URL holds it. */
export const parseRegistrationId = (text: string): Result<number> =>
  parseWhole('id', text, REGISTRATION_ID_MAX)

export interface RegistrationsQuery {
  /** `undefined`: all. */
  state: RegistrationState | undefined
  /** Only those with a higher id. */
  after: number
  count: number
  csv: boolean
}

const isState = (text: string): text is RegistrationState => REGISTRATION_STATES.some((one) => one === text)

/** Which registrations are asked for, and how. An empty parameter counts as none. */
export function parseRegistrationsQuery(parameters: unknown): Result<RegistrationsQuery> {
  const checked = checkRegistrations(parameters)
  if (!checked.ok) return checked
  const { after, format } = checked.value
  const state = checked.value.state || 'waiting'
  const count = parseWhole('count', checked.value.count || String(REGISTRATIONS_COUNT), REGISTRATIONS_MAX)
  if (!count.ok) return count
  const last = after ? parseWhole('after', after, REGISTRATION_ID_MAX) : ok(0)
  if (!last.ok) return last
  if (state !== 'all' && !isState(state))
    return err(`state: must be one of ${[...REGISTRATION_STATES, 'all'].join(', ')}`)
  if (format && format !== 'json' && format !== 'csv') return err('format: must be json or csv')
  return ok({
    state: state === 'all' ? undefined : state,
    after: last.value,
    count: count.value,
    csv: format === 'csv',
  })
}

/** The team to put somebody into; `undefined`, also for an empty one: the registration's own. */
export function parseApproval(parameters: unknown): Result<{ team: string | undefined }> {
  const checked = checkApproval(parameters)
  if (!checked.ok) return checked
  if (!checked.value.team) return ok({ team: undefined })
  const team = parseField(checked.value.team)
  return team.ok ? ok({ team: team.value }) : err(`team: ${team.error}`)
}

export function parseRejection(parameters: unknown): Result<{ reason: string }> {
  const checked = checkRejection(parameters)
  if (!checked.ok) return checked
  const reason = parseField(checked.value.reason)
  return reason.ok ? ok({ reason: reason.value }) : err(`reason: ${reason.error}`)
}

export function parseImport(parameters: unknown): Result<{ dryRun: boolean }> {
  const checked = checkImport(parameters)
  if (!checked.ok) return checked
  const given = checked.value.dry_run || 'false'
  return given === 'true' || given === 'false'
    ? ok({ dryRun: given === 'true' })
    : err('dry_run: must be true or false')
}

const checkReset = checker(REQUESTS.reset)
const checkNewPassword = checker(REQUESTS['new-password'])

/** Whose password is forgotten. */
export type ResetRequest = { username: string } | { email: string }

export function parseReset(parameters: unknown): Result<ResetRequest> {
  const checked = checkReset(parameters)
  if (!checked.ok) return checked
  const { username = '', email = '' } = checked.value
  if (username !== '') return ok({ username })
  if (email === '') return err('username or email: must not be empty')
  const address = parseEmail(email)
  return address.ok ? ok({ email: address.value.name }) : err(`email: ${address.error}`)
}

/** The password. */
export function parseNewPassword(parameters: unknown): Result<string> {
  const checked = checkNewPassword(parameters)
  if (!checked.ok) return checked
  const secret = parsePassword(checked.value.password)
  return secret.ok ? secret : err(`password: ${secret.error}`)
}
