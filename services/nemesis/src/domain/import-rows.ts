import { nameKey } from '@switchboard/protocol/names'
import {
  IMPORT_COLUMNS,
  IMPORT_ROWS,
  parseField,
  parseRegistration,
  type Registration,
} from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Csv, CsvRow } from '../csv/read.ts'
import { isFormula, textOf } from './cells.ts'

/** Somebody to be put into the queue. */
export interface Candidate extends Registration {
  /** `college-<x>` */
  college: string
}

/** A row, as far as the file alone can tell; an error names its column. */
export interface CheckedRow {
  line: number
  candidate: Result<Candidate>
}

const FORMULA = "begins as a formula does; where it is none, write an ' before it"
const NO_UTF8 = 'is no UTF-8; save the file as CSV in UTF-8'

/** What a cell stands for; the parsers that follow say whether it is possible. */
function readCell(cell: string, utf8: boolean): Result<string> {
  if (!utf8 && cell.includes('\ufffd')) return err(NO_UTF8)
  // A tab before it would be trimmed off later, and a spreadsheet may trim spaces.
  return isFormula(cell) || isFormula(cell.trim()) ? err(FORMULA) : ok(textOf(cell.trim()))
}

/** Where each column is. */
function columnsOf({ line, cells }: CsvRow): Result<Map<string, number>> {
  const names = cells.map((cell) => cell.trim())
  const columns = new Map<string, number>()
  for (const name of IMPORT_COLUMNS) {
    const index = names.indexOf(name)
    if (index === -1) return err(`line ${line}: the column ${name} is missing`)
    if (names.lastIndexOf(name) !== index) return err(`line ${line}: the column ${name} is there twice`)
    columns.set(name, index)
  }
  return ok(columns)
}

function candidateOf(
  cells: readonly string[],
  columns: Map<string, number>,
  utf8: boolean,
): Result<Candidate> {
  const texts: Record<string, string> = {}
  for (const [name, index] of columns) {
    const text = readCell(cells[index] ?? '', utf8)
    if (!text.ok) return err(`${name}: ${text.error}`)
    texts[name] = text.value
  }
  const registration = parseRegistration(texts)
  if (!registration.ok) return registration
  const college = parseField(texts['college'] ?? '')
  return college.ok ? ok({ ...registration.value, college: college.value }) : err(`college: ${college.error}`)
}

const isSame = (a: Candidate, b: Candidate): boolean => IMPORT_COLUMNS.every((name) => a[name] === b[name])

/** Refuses whoever is in an earlier row too. */
function withoutTwins(rows: readonly CheckedRow[]): CheckedRow[] {
  const seen = new Map<string, { line: number; value: Candidate }>()
  return rows.map((row) => {
    const { line, candidate } = row
    if (!candidate.ok) return row
    const key = nameKey(candidate.value.email)
    const twin = seen.get(key)
    if (!twin) {
      seen.set(key, { line, value: candidate.value })
      return row
    }
    const same = isSame(twin.value, candidate.value)
    return {
      line,
      candidate: err(same ? `is the same as line ${twin.line}` : `email: is that of line ${twin.line} too`),
    }
  })
}

/** Each row of a file, or why it has none that could be read. */
export function checkRows({ rows: [header, ...rows], broken, utf8 }: Csv): Result<CheckedRow[]> {
  if (!header) return err(broken ? `line ${broken.line}: ${broken.problem}` : 'the file is empty')
  if (!utf8 && header.cells.some((cell) => cell.includes('\ufffd')))
    return err(`line ${header.line}: ${NO_UTF8}`)
  const columns = columnsOf(header)
  if (!columns.ok) return columns
  if (rows.length > IMPORT_ROWS) return err(`the file has more than ${IMPORT_ROWS} rows`)
  const width = header.cells.length
  const checked = rows.map(({ line, cells }): CheckedRow => {
    if (cells.length !== width)
      return { line, candidate: err(`has ${cells.length} cells, but there are ${width} columns`) }
    return { line, candidate: candidateOf(cells, columns.value, utf8) }
  })
  if (broken) {
    const column = header.cells[broken.column]?.trim() ?? 'the last cell'
    checked.push({ line: broken.line, candidate: err(`${column}: ${broken.problem}`) })
  }
  if (checked.length === 0) return err('the file has no row below its columns')
  return ok(withoutTwins(checked))
}
