import {
  type ImportedRow,
  type ImportReport,
  isImportReport,
  isQueued,
  isRegistrations,
  type QueuedRegistration,
} from '@switchboard/protocol/client/nemesis'
import { badAnswer, ServerError } from '../core/errors.ts'
import { exchange, parse, refusal, request, requestText, type Server } from '../core/http.ts'
import { pathOf, withQuery } from './path.ts'

export interface Registration {
  first_name: string
  last_name: string
  email: string
  team: string
}

/** A team leader's: asks for somebody to be let in. */
export const register = (server: Server, registration: Registration): Promise<void> =>
  request(server, pathOf('user', 'register'), { method: 'POST', body: registration })

export interface RegistrationQuery {
  /** `waiting` unless told. */
  state?: 'waiting' | 'approving' | 'approved' | 'rejected' | 'all'
  /** Only those with a higher id, for the next page. */
  after?: number
  /** 50 unless told, 200 at most. */
  count?: number
}

const QUEUE = 'registrations'

/** By id: a team leader's colleges' ones, an administrator's all. */
export const getRegistrations = async (
  server: Server,
  query: RegistrationQuery = {},
): Promise<QueuedRegistration[]> =>
  (await request(server, withQuery(pathOf(QUEUE), query), { check: isRegistrations })).registrations

const decide = (server: Server, id: number, decision: string, body: object): Promise<QueuedRegistration> =>
  request(server, pathOf(QUEUE, id, decision), { method: 'POST', body, check: isQueued })

/**
 * An administrator's: makes the person, and mails a link that sets a password. `team`: into this one instead. Rejects with
 * `NOT_FOUND`; with `CONFLICT` where it was rejected, the address is somebody's or there is no such team, and, `retryable`,
 * where somebody else is at it.
 */
export const approve = (
  server: Server,
  id: number,
  body: { team?: string } = {},
): Promise<QueuedRegistration> => decide(server, id, 'approve', body)

/** An administrator's. Rejects as {@link approve} does; with `CONFLICT` where it was approved. */
export const reject = (server: Server, id: number, reason: string): Promise<QueuedRegistration> =>
  decide(server, id, 'reject', { reason })

/** What each file begins with. */
const FIRST_CELL = '"id"'
/** `fetch` takes it off; without it spreadsheets read something else than UTF-8. */
const BYTE_ORDER_MARK = '\ufeff'

/** An administrator's: a CSV file of all that the query asks for, whatever its number. */
export async function exportRegistrations(
  server: Server,
  query: Omit<RegistrationQuery, 'count'> = {},
): Promise<string> {
  const csv = await requestText(server, withQuery(pathOf(QUEUE), { ...query, format: 'csv' }))
  if (!csv.startsWith(FIRST_CELL)) throw badAnswer('its body')
  return BYTE_ORDER_MARK + csv
}

/** Nothing was queued, because some rows of the file cannot be. */
export class ImportError extends ServerError {
  override readonly name = 'ImportError'
  /** All of them. */
  readonly rows: ImportedRow[]

  constructor({ code, message, status }: ServerError, rows: ImportedRow[]) {
    super(code, message, status)
    this.rows = rows
  }
}

/**
 * An administrator's: puts everyone in a CSV file (256 KiB and 2,000 rows at most, columns `first_name`, `last_name`, `email`,
 * `team`, `college`) into the queue, or nobody: then it rejects with {@link ImportError}. With `dryRun` nobody is, and
 * what would become of each row is told, also where some cannot be.
 */
export async function importRegistrations(
  server: Server,
  csv: string | Blob,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<ImportReport> {
  const path = withQuery(pathOf(QUEUE, 'import'), { dry_run: dryRun })
  const answered = await exchange(server, path, { method: 'POST', type: 'text/csv', body: csv })
  const report = parse(answered.text)
  if (!answered.response.ok) {
    const error = refusal(answered)
    throw isImportReport(report) ? new ImportError(error, report.rows) : error
  }
  if (!isImportReport(report)) throw badAnswer('its body')
  return report
}
