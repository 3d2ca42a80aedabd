import { err, ok, type Result } from '@switchboard/protocol/result'

/**
 * What one file may hold, so that none takes more than some hundred megabytes of memory to read. A school of 100,000 people
 * stays below all of these.
 */
export const LDIF_LIMITS = {
  /** Characters of a line, unfolded: an attribute's value, in base64 perhaps, or a DN. */
  line: 1024 * 1024,
  /** Lines that are neither empty nor comments, unfolded. */
  lines: 2_000_000,
  entries: 200_000,
} as const

/** One entry of a directory. */
export interface Entry {
  /** Counted from 1, where it starts in the file. */
  line: number
  /** As it was written: any text. */
  dn: string
  /** By attribute, in lower case with its options. Values that are not text are left out. */
  attributes: Map<string, string[]>
}

interface Line {
  /** Counted from 1, where the line starts in the file. */
  number: number
  text: string
}

const at = ({ number }: Line, what: string) => err(`line ${number}: ${what}`)

function* rawLines(text: string): Generator<string> {
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    yield text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end)
    start = end + 1
  }
}

/** Folded lines put together, comments left out; an empty text ends an entry, the last one too. */
function* unfold(text: string): Generator<Line> {
  let open: Line = { number: 0, text: '' }
  let number = 0
  for (const raw of rawLines(text)) {
    number++
    if (raw.startsWith(' ') && open.text !== '') {
      // What is too long already is refused, however much more there is of it.
      if (open.text.length <= LDIF_LIMITS.line) open.text += raw.slice(1)
      continue
    }
    if (!open.text.startsWith('#')) yield open
    open = { number, text: raw }
  }
  if (!open.text.startsWith('#')) yield open
  yield { number: number + 1, text: '' }
}

const ATTRIBUTE = /^([A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9-]+)*):([:<]?) *(.*)$/su
const NOT_BASE64 = /[^A-Za-z0-9+/]/

const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && !NOT_BASE64.test(text.replace(/={1,2}$/, ''))

function decodeText(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

interface Attribute {
  name: string
  /** `undefined`: bytes that are no text. */
  value: string | undefined
}

function parseAttribute(line: Line): Result<Attribute> {
  const [, name, kind, rest] = ATTRIBUTE.exec(line.text) ?? []
  if (name === undefined || rest === undefined)
    return at(line, 'neither "attribute: value" nor an empty line')
  // A reference would read whatever file or page the importer may read.
  if (kind === '<') return at(line, 'values by reference (:<) are not taken')
  if (kind === '') return ok({ name: name.toLowerCase(), value: rest })
  if (!isBase64(rest.trimEnd())) return at(line, 'not base64')
  return ok({ name: name.toLowerCase(), value: decodeText(rest) })
}

function parseEntry(lines: readonly [Line, ...Line[]]): Result<Entry> {
  const entry: Entry = { line: lines[0].number, dn: '', attributes: new Map() }
  for (const [index, line] of lines.entries()) {
    const attribute = parseAttribute(line)
    if (!attribute.ok) return attribute
    const { name, value } = attribute.value
    if (index === 0) {
      if (name !== 'dn' || value === undefined) return at(line, 'an entry starts with "dn:"')
      entry.dn = value
    } else if (name === 'changetype' && value !== 'add') {
      return at(line, 'only entries are taken, and changes of type "add"')
    } else if (name !== 'changetype' && value !== undefined) {
      const values = entry.attributes.get(name)
      if (values) values.push(value)
      else entry.attributes.set(name, [value])
    }
  }
  return ok(entry)
}

/** Lines between empty ones; the line `version:` at the start belongs to none. */
function* blocks(text: string): Generator<Result<[Line, ...Line[]]>> {
  let block: Line[] = []
  let count = 0
  for (const line of unfold(text)) {
    const [first, ...rest] = line.text === '' ? block : []
    if (first) yield ok([first, ...rest])
    if (line.text === '') {
      block = []
      continue
    }
    count++
    if (line.text.length > LDIF_LIMITS.line) return yield at(line, `has over ${LDIF_LIMITS.line} characters`)
    if (count > LDIF_LIMITS.lines) return yield at(line, `there are over ${LDIF_LIMITS.lines} lines`)
    if (count > 1 || !line.text.startsWith('version:')) block.push(line)
    else if (!/^version: *1 *$/.test(line.text)) return yield at(line, 'only version 1 is known')
  }
}

/**
 * Entries as RFC 2849 writes them, within {@link LDIF_LIMITS}. The error names the line, and repeats nothing of it. Takes time
 * and room in proportion to the text.
 */
export function parseLdif(text: string): Result<Entry[]> {
  const entries: Entry[] = []
  for (const block of blocks(text.replace(/^\ufeff/, ''))) {
    const entry = block.ok ? parseEntry(block.value) : block
    if (!entry.ok) return entry
    if (entries.length === LDIF_LIMITS.entries)
      return err(`line ${entry.value.line}: there are over ${LDIF_LIMITS.entries} entries`)
    entries.push(entry.value)
  }
  return ok(entries)
}
