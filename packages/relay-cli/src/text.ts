/**
 * Controls of terminals (C0 but for tab and line feed, DEL, C1) and what turns the direction of writing: what a stranger
 * sent must not move the cursor or look like something else.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

/** The text as a terminal may show it. */
export const safe = (text: string): string => text.replaceAll('\r\n', '\n').replace(UNSAFE, escaped)

const SHOWN_CHARACTERS = 4_000
const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes)
  } catch {
    return undefined
  }
}

const isJson = (type: string): boolean => /^(application\/json|[^;]+\+json)\b/i.test(type.trim())

function tidy(text: string, type: string): string {
  if (!isJson(type)) return text
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

/** A body for a person: JSON is laid out, what is no text is counted, what is long is cut. */
export function showBody(bytes: Uint8Array, type: string): string {
  const text = decode(bytes)
  if (text === undefined) return `(${bytes.length} bytes, no text)`
  const shown = tidy(text, type)
  if (shown.length <= SHOWN_CHARACTERS) return safe(shown)
  return `${safe(shown.slice(0, SHOWN_CHARACTERS))}\n(${shown.length - SHOWN_CHARACTERS} more characters)`
}
