import type { RelayRequest } from '@switchboard/sdk/relay'

/** Of the connection between the caller and the relay, or put in on the way. */
const NOT_THE_CALLERS =
  /^(host|connection|content-length|transfer-encoding|keep-alive|te|upgrade|accept-encoding|x-forwarded-.*|x-real-ip|x-request-id)$/

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The body as text, or `undefined` where it is none. */
export function textOf({ bytes }: RelayRequest): string | undefined {
  if (bytes === undefined) return ''
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** What the caller said, and not what lies between. */
function callersHeaders({ headers }: RelayRequest): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || NOT_THE_CALLERS.test(name) ? [] : [[name, [value].flat().join(', ')]],
  )
}

const octal = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')

/** What a terminal would obey, or not show, when it is pasted. */
const NOT_TO_PASTE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u

/**
 * The request as a command for a POSIX shell. It was written by whoever called, so every word is quoted, brackets in the
 * URL are no pattern (`-g`) and a body that begins with `@` names no file (`--data-raw`).
 */
export function asCurl(request: RelayRequest, address: string): string {
  const { method, url, bytes } = request
  const text = textOf(request)
  const isText = text !== undefined && !NOT_TO_PASTE.test(text)
  const words = ['curl', '-g', '-X', method, quote(address + (url === '/' ? '' : url))]
  for (const [name, value] of callersHeaders(request)) words.push('-H', quote(`${name}: ${value}`))
  if (bytes !== undefined) words.push(...(isText ? ['--data-raw', quote(text)] : ['--data-binary', '@-']))
  const command = words.join(' ')
  return bytes === undefined || isText ? command : `printf ${quote(octal(bytes))} | ${command}`
}

/** The same request again, as far as a browser may set its headers. */
export async function sendAgain(request: RelayRequest, address: string): Promise<void> {
  const { method, url, bytes } = request
  const headers = callersHeaders(request).filter(
    ([name]) => !/^(user-agent|referer|origin|cookie|sec-.*)$/.test(name),
  )
  await fetch(address + (url === '/' ? '' : url), {
    method,
    headers,
    credentials: 'omit',
    ...(bytes !== undefined && method !== 'GET' && { body: bytes as Uint8Array<ArrayBuffer> }),
  })
}
