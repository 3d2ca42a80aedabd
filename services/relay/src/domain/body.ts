import { parseJson } from '@switchboard/protocol/decode'
import { type Named, parseValues } from './values.ts'

/** A request's body as its content type reads it. */
export interface Body {
  value: unknown
  /** What it adds to the params. */
  members: Named<unknown>
  /** The JSON that `value` was read from. */
  json?: string
  /** `value` is an object, and `members` are its own. */
  isObject?: boolean
}

/** Deeper values are forwarded as text: what encodes and what receives them recurses. */
const MAX_DEPTH = 500

const NOTHING: Named<unknown> = Object.freeze(Object.create(null))

/** Media type and charset in lower case, as RFC 9110 §8.3.1 writes them. */
function typeOf(contentType: string): { media: string; charset: string } {
  const [media = '', ...parameters] = contentType.toLowerCase().split(';')
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  return { media: media.trim(), charset: charset?.slice('charset='.length).replaceAll('"', '') ?? '' }
}

const UTF_8 = new TextDecoder()

function decodeText(bytes: Uint8Array, charset: string): string {
  if (charset === '' || charset === 'utf-8') return UTF_8.decode(bytes)
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // A charset that nobody knows.
    return UTF_8.decode(bytes)
  }
}

/** The text of a body, or of its start. Bytes that are no text in its charset become U+FFFD. */
export const bodyText = (bytes: Uint8Array, contentType: string): string =>
  decodeText(bytes, typeOf(contentType).charset)

function isDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return false
}

function parseJsonBody(text: string): Body | undefined {
  const parsed = parseJson(text)
  // It takes an opening bracket for each level.
  if (!parsed.ok || (text.length > MAX_DEPTH && isDeep(parsed.value))) return undefined
  const { value } = parsed
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { value, members: isObject ? (value as Named<unknown>) : NOTHING, json: text, isObject }
}

const isJson = (media: string): boolean =>
  media === '' || media === 'application/json' || media.endsWith('+json')

/** Never refuses: what does not parse is the text. Bytes that are no text in its charset become U+FFFD. */
export function parseBody(bytes: Uint8Array, contentType: string): Body {
  const { media, charset } = typeOf(contentType)
  const text = decodeText(bytes, charset)
  if (media === 'application/x-www-form-urlencoded') {
    const values = parseValues(text)
    return { value: values, members: values }
  }
  return (isJson(media) ? parseJsonBody(text) : undefined) ?? { value: text, members: NOTHING }
}
