import type { AuditQuery } from '@switchboard/protocol/nemesis-requests'

/** What an entry tells of. Who refuses, and who only looks, is not kept. */
export type AuditAction =
  | 'log-in'
  /** `target`: the userid where there is such a person. What else was typed may be a password, and is not kept. */
  | 'log-in-failed'
  /** Refused with 429; once in 15 minutes an address. */
  | 'log-in-limited'
  | 'log-out'
  | 'register'
  | 'approve'
  | 'reject'
  | 'import'
  | 'export'
  | 'email-changed'
  | 'email-change-asked'
  | 'email-verified'
  | 'password-changed'
  | 'password-reset-asked'
  | 'password-reset'
  | 'activated'
  /** Put into the directory. */
  | 'person-added'
  /** Got a role, a college or a team. */
  | 'person-enrolled'
  | 'person-removed'
  | 'college-added'
  | 'team-added'

/** Never a password, a code, or an e-mail address. */
export type AuditDetails = Readonly<Record<string, string | number | boolean>>

export interface AuditRecord {
  /** The userid of who did it; `undefined`: nobody that is known, as behind a failed log-in, or the command line. */
  actor: string | undefined
  action: AuditAction
  /** Whom or what it was done to: a userid, a registration's number, a college, a team. */
  target?: string | undefined
  /** Of the client (`request.ip`), or `command line`. */
  address: string
  details?: AuditDetails
}

interface AuditEntry {
  id: number
  /** Milliseconds since the epoch. */
  at: number
  actor: string | null
  /** Of a later version, perhaps, that knew more of them. */
  action: string
  target: string | null
  address: string
  details: AuditDetails
}

/** Who did what to whom, from where, when. What was written stays as it is: the table itself refuses changes. */
export interface Audit {
  /** Before the act: what cannot be recorded is not done. Rejects where the database does not answer. */
  record(entry: AuditRecord): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditEntry[]>
}

/** The `address` of what was done on the command line. */
export const COMMAND_LINE = 'command line'

/**
 * Records an act, does it, and records once more, with `failed` in the details, where it rejected or answered that it
 * could not be done.
 */
export async function recorded<R extends { ok: boolean }>(
  audit: Pick<Audit, 'record'>,
  entry: AuditRecord,
  act: () => Promise<R>,
): Promise<R> {
  const failed = () => audit.record({ ...entry, details: { ...entry.details, failed: true } })
  await audit.record(entry)
  try {
    const result = await act()
    if (!result.ok) await failed()
    return result
  } catch (error) {
    // What went wrong first is what is told.
    await failed().catch(() => {})
    throw error
  }
}
