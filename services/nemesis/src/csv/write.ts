import { pipeline, Readable } from 'node:stream'
import type { QueuedRegistration } from '@switchboard/protocol/nemesis'
import { stringify } from 'csv-stringify'
import { harmless } from '../domain/cells.ts'

const COLUMNS = [
  'id',
  'first_name',
  'last_name',
  'email',
  'team',
  'team_known',
  'leader',
  'college',
  'created',
  'state',
  'userid',
  'decided_by',
  'decided_at',
  'reason',
] as const satisfies readonly (keyof QueuedRegistration)[]

const TIMES: ReadonlySet<string> = new Set(['created', 'decided_at'])

function cellOf(row: QueuedRegistration, column: (typeof COLUMNS)[number]): string {
  const value = row[column]
  if (value === undefined) return ''
  return harmless(TIMES.has(column) ? new Date(Number(value)).toISOString() : String(value))
}

async function* cells(pages: AsyncIterable<readonly QueuedRegistration[]>): AsyncGenerator<string[]> {
  for await (const page of pages) for (const row of page) yield COLUMNS.map((column) => cellOf(row, column))
}

/**
 * RFC 4180 with a header, in UTF-8 with a byte order mark, without which spreadsheets read something else. Cells are quoted
 * also where RFC 4180 needs none: a spreadsheet that separates by `;` would make formulas of parts of them.
 */
export function writeRegistrations(pages: AsyncIterable<readonly QueuedRegistration[]>): Readable {
  const writer = stringify({
    bom: true,
    header: true,
    columns: [...COLUMNS],
    quoted: true,
    record_delimiter: 'windows',
  })
  // An error destroys the writer too, and who reads from it is told.
  return pipeline(Readable.from(cells(pages)), writer, () => {})
}
