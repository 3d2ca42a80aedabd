const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x7b, 0x5b])
const CLOSING = new Set([0x7d, 0x5d])

/** Whether an odd number of backslashes stands before it. */
function isEscaped(json: string, at: number): boolean {
  let first = at
  while (json.charCodeAt(first - 1) === BACKSLASH) first--
  return (at - first) % 2 === 1
}

/** The index after the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1)
  while (isEscaped(json, quote)) quote = json.indexOf('"', quote + 1)
  return quote + 1
}

/** The index of the comma or bracket that ends the value at `start`. */
function endOfValue(json: string, start: number): number {
  let depth = 0
  for (let at = start; ; ) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (depth === 0 && (code === COMMA || CLOSING.has(code))) return at
    if (OPENING.has(code)) depth++
    if (CLOSING.has(code)) depth--
    at++
  }
}

/** What a JSON string says; most keys are written without an escape. */
const textOf = (written: string): unknown =>
  written.includes('\\') ? JSON.parse(written) : written.slice(1, -1)

/**
 * One member of a JSON object as its author wrote it, white space around it excepted: numbers keep their digits, and a
 * depth that `JSON.stringify` would not survive costs nothing. As in `JSON.parse`, the last of several wins.
 * `json` must be an object that `JSON.parse` takes; anything else never ends well.
 */
export function rawMember(json: string, name: string): string | undefined {
  let found: string | undefined
  let at = json.indexOf('{') + 1
  for (;;) {
    const key = json.indexOf('"', at)
    if (key === -1) return found
    const afterKey = endOfString(json, key)
    const value = json.indexOf(':', afterKey) + 1
    const end = endOfValue(json, value)
    if (textOf(json.slice(key, afterKey)) === name) found = json.slice(value, end).trim()
    at = end
  }
}
