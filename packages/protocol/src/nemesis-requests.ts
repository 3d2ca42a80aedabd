import { checker } from './decode.ts'
import { parseEmail, parsePassword } from './names.ts'
import {
  AUDIT_COUNT,
  AUDIT_MAX,
  isImpossible,
  parseField,
  REGISTRATION_STATES,
  REGISTRATIONS_COUNT,
  REGISTRATIONS_MAX,
  REQUESTS,
  type RegistrationState,
} from './nemesis.ts'
import { err, ok, type Result } from './result.ts'

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
    if (isImpossible(text)) return err(`${name}: must not hold control characters or halves of characters`)
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
