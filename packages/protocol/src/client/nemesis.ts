import { type Check, isBoolean, isInteger, isText, listOf, objectOf, optional, recordOf } from './check.ts'

export interface Token {
  token: string
}
export const isToken: Check<Token> = objectOf<Token>({ token: isText })

export interface College {
  userids: string[]
  /** Those with a member in the college. */
  teams: string[]
  college_name: string
}
export const isCollege: Check<College> = objectOf<College>({
  userids: listOf(isText),
  teams: listOf(isText),
  college_name: isText,
})

export interface Person {
  full_name: string
  /** Empty where there is none. */
  email: string
}
export const isPerson: Check<Person> = objectOf<Person>({ full_name: isText, email: isText })

export interface LoggedIn {
  token: string
  userid: string
}
export const isLoggedIn: Check<LoggedIn> = objectOf<LoggedIn>({ token: isText, userid: isText })

export interface QueuedRegistration {
  id: number
  first_name: string
  last_name: string
  email: string
  team: string
  /** `false`: there was no such team when it came in. */
  team_known: boolean
  /** The userid of who asked. */
  leader: string
  /** `college-<x>` */
  college: string
  /** Milliseconds since the epoch; `decided_at` too. */
  created: number
  /** `waiting`, `approving`, `approved` or `rejected`. */
  state: string
  /** Of whom it became. */
  userid?: string | undefined
  decided_by?: string | undefined
  decided_at?: number | undefined
  /** Why it was rejected. */
  reason?: string | undefined
}
export const isQueued: Check<QueuedRegistration> = objectOf<QueuedRegistration>({
  id: isInteger,
  first_name: isText,
  last_name: isText,
  email: isText,
  team: isText,
  team_known: isBoolean,
  leader: isText,
  college: isText,
  created: isInteger,
  state: isText,
  userid: optional(isText),
  decided_by: optional(isText),
  decided_at: optional(isInteger),
  reason: optional(isText),
})
export const isRegistrations = objectOf<{ registrations: QueuedRegistration[] }>({
  registrations: listOf(isQueued),
})

/** What becomes of a row of an imported file. */
export interface ImportedRow {
  /** Where the row begins, from 1; the header is one. */
  line: number
  ok: boolean
  /** Begins with the column where it is one column's. */
  error?: string | undefined
  /** It waits in the queue already, and is not put there again. */
  already?: boolean | undefined
  /** `false`: there is no such team. */
  team_known?: boolean | undefined
}
const isImportedRow = objectOf<ImportedRow>({
  line: isInteger,
  ok: isBoolean,
  error: optional(isText),
  already: optional(isBoolean),
  team_known: optional(isBoolean),
})

export interface ImportReport {
  rows: ImportedRow[]
  /** How many were put into the queue. */
  queued: number
}
export const isImportReport: Check<ImportReport> = objectOf<ImportReport>({
  rows: listOf(isImportedRow),
  queued: isInteger,
})

/** Whose a mailed link is. */
export interface Link {
  userid: string
}
export const isLink: Check<Link> = objectOf<Link>({ userid: isText })

export interface AuditEntry {
  id: number
  /** Milliseconds since the epoch. */
  at: number
  /** A userid; `null`: nobody that is known. */
  actor: string | null
  action: string
  target: string | null
  /** Of the client, or `command line`. */
  address: string
  details: Record<string, string | number | boolean>
}
const isTextOrNull: Check<string | null> = (value): value is string | null => value === null || isText(value)
const isDetail: Check<string | number | boolean> = (value): value is string | number | boolean =>
  isText(value) || Number.isFinite(value) || isBoolean(value)

const isEntry = objectOf<AuditEntry>({
  id: isInteger,
  at: isInteger,
  actor: isTextOrNull,
  action: isText,
  target: isTextOrNull,
  address: isText,
  details: recordOf(isDetail),
})
export const isAuditPage = objectOf<{ entries: AuditEntry[] }>({ entries: listOf(isEntry) })
