import { err, ok, type Result } from '@switchboard/protocol/result'

/** One entry of a directory. */
export interface Entry {
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

/** Folded lines put together, comments left out; an empty text ends an entry. */
function unfold(text: string): Line[] {
  const lines: Line[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const last = lines.at(-1)
    if (line.startsWith(' ') && last && last.text !== '') last.text += line.slice(1)
    else lines.push({ number: index + 1, text: line })
  }
  return lines.filter((line) => !line.text.startsWith('#'))
}

const ATTRIBUTE = /^([A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9-]+)*):([:<]?) *(.*)$/su
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

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
  if (!BASE64.test(rest.trimEnd())) return at(line, 'not base64')
  return ok({ name: name.toLowerCase(), value: decodeText(rest) })
}

function parseEntry(lines: readonly [Line, ...Line[]]): Result<Entry> {
  const entry: Entry = { dn: '', attributes: new Map() }
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

/** Entries as RFC 2849 writes them. The error names the line. Takes time and room in proportion to the text. */
export function parseLdif(text: string): Result<Entry[]> {
  const entries: Entry[] = []
  let open: Line[] = []
  const lines = unfold(text.replace(/^\ufeff/, ''))
  const start = lines.findIndex((line) => line.text !== '')
  const [version] = lines.slice(start, start + 1)
  if (version?.text.startsWith('version:')) {
    if (!/^version: *1 *$/.test(version.text)) return at(version, 'only version 1 is known')
    lines.splice(start, 1)
  }
  for (const line of [...lines, { number: lines.length + 1, text: '' }]) {
    if (line.text !== '') {
      open.push(line)
      continue
    }
    const [first, ...rest] = open
    open = []
    if (!first) continue
    const entry = parseEntry([first, ...rest])
    if (!entry.ok) return entry
    entries.push(entry.value)
  }
  return ok(entries)
}
