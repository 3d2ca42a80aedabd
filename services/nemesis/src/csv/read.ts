import { isUtf8 } from 'node:buffer'
import { CsvError, parse } from 'csv-parse/sync'

export interface CsvRow {
  /** Where it begins in the file, from 1. */
  line: number
  /** As they stand in the file, without their quotes. */
  cells: string[]
}

export interface Csv {
  rows: CsvRow[]
  /** What follows `rows` cannot be read. `column`: the number of the cell, from 0. */
  broken: { line: number; column: number; problem: string } | undefined
  /** The bytes were no UTF-8: what was none is U+FFFD in the cells. */
  utf8: boolean
}

/** What csv-parse finds wrong, by the codes of its errors. */
const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote; a quote in a quoted cell is written twice',
  INVALID_OPENING_QUOTE: 'a quote stands in a cell that does not begin with one',
}

const NEW_LINE = 0x0a
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/** Lines by offset, for ascending offsets. The parser's own count of lines is off after CRLF in a quoted cell. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  let counted = 0
  let line = 1
  return (offset) => {
    for (; counted < offset; counted++) if (bytes[counted] === NEW_LINE) line++
    return line
  }
}

/** RFC 4180 in UTF-8, with a byte order mark or without; lines may also end with LF alone, and empty ones are no rows. */
export function readCsv(bytes: Buffer): Csv {
  const body = bytes.indexOf(BYTE_ORDER_MARK) === 0 ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
  const rows: CsvRow[] = []
  const lineAt = lineCounter(bytes)
  let end = 0
  const csv = { rows, broken: undefined, utf8: isUtf8(bytes) }
  try {
    parse(body, {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      max_record_size: 0,
      on_record(cells: string[], info) {
        if (cells.length > 1 || cells[0] !== '') rows.push({ line: lineAt(end), cells })
        end = bytes.length - body.length + info.bytes
        return null
      },
    })
    return csv
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { code, column } = error as CsvError & { column?: unknown }
    const problem = PROBLEMS[code] ?? 'is no CSV'
    return { ...csv, broken: { line: lineAt(end), column: typeof column === 'number' ? column : 0, problem } }
  }
}
