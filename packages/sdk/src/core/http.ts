import type { Check } from '@switchboard/protocol/client/check'
import { badAnswer, type Code, ServerError, SwitchboardError, timedOut, unreachable } from './errors.ts'

/** Where a Switchboard is, and as whom to ask. */
export interface Server {
  /** `https://switchboard.example`, also with a path before the services' own. */
  url: string | URL
  /** From a log-in. Sent as a header, never in a URL; chat's and ide's are one another's, nemesis has its own. */
  token?: string | undefined
  signal?: AbortSignal | undefined
  /** Longest wait for an answer, milliseconds; 10,000 unless told. */
  timeoutMs?: number | undefined
}

export const TIMEOUT_MS = 10_000

export interface Asked<T> {
  method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  body?: unknown
  /** What the answer's body must be. Without it the body is not looked at. */
  check?: Check<T>
}

/** What a status says where the body names no code. */
const CODES: Readonly<Record<number, Code>> = {
  400: 'BAD_BINDING',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'GONE',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
}

/** Most characters of a server's own words that an error repeats. */
const WORDS_MAX = 200

/** What every `fetch` and `WebSocket` takes out of an address, whether it is encoded or not. */
const DOTS = /^[^?]*\/\.\.?([/?]|$)/

/**
 * `path`, with its leading slash, below the address of a server.
 *
 * @throws `BAD_BINDING` where somebody's name in it is `.` or `..`: it would be another path
 */
export function addressOf(url: string | URL, path: string): string {
  if (DOTS.test(path))
    throw new SwitchboardError('BAD_BINDING', 'no address leads to what is called "." or ".."', false)
  return `${url}`.replace(/\/+$/, '') + path
}

/** `undefined` where it is no JSON. */
export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `{"error": {"type", "message"}}` as chat says it, or `{"error": "…"}` as the others do. */
export function refusal({ response: { status, headers }, text }: Exchange): ServerError {
  const error = (parse(text) as { error?: unknown } | null | undefined)?.error
  const { type, message = error } = Object(error) as { type?: unknown; message?: unknown }
  const words = typeof message === 'string' ? message.slice(0, WORDS_MAX) : `status ${status}`
  const code = typeof type === 'string' ? type.slice(0, WORDS_MAX) : (CODES[status] ?? `HTTP_${status}`)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new ServerError(code, words, status, seconds >= 0 ? seconds * 1000 : undefined)
}

export interface Exchange {
  response: Response
  text: string
}

/**
 * One question and whatever is answered, refusals too. Rejects with `UNREACHABLE` or `TIMEOUT` where there is no answer, and
 * with the signal's own reason where it is aborted.
 */
export async function exchange(
  { url, token, signal, timeoutMs = TIMEOUT_MS }: Server,
  path: string,
  init: { method?: string; type?: string | undefined; body?: string | Blob | undefined },
): Promise<Exchange> {
  const { method = 'GET', type, body } = init
  const address = addressOf(url, path)
  const timeout = AbortSignal.timeout(timeoutMs)
  const headers: Record<string, string> = {}
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (type !== undefined) headers['content-type'] = type
  try {
    const response = await fetch(address, {
      method,
      headers,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body !== undefined && { body }),
      // No cookie of the page speaks for anybody: who asks is whose token it is.
      credentials: 'omit',
    })
    return { response, text: await response.text() }
  } catch {
    signal?.throwIfAborted()
    // The runtime's own error is left out: it may quote a header that it does not take, and the token is in one.
    throw timeout.aborted ? timedOut(timeoutMs) : unreachable()
  }
}

/** {@link exchange} for a text; rejects with `ServerError` too, where the server refuses. */
export async function requestText(
  server: Server,
  path: string,
  { method = 'GET', body }: Asked<unknown> = {},
): Promise<string> {
  const json = body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) }
  const exchanged = await exchange(server, path, { method, ...json })
  if (!exchanged.response.ok) throw refusal(exchanged)
  return exchanged.text
}

/** {@link requestText} for JSON; rejects with `BAD_ANSWER` where it is not what `check` wants. */
export async function request<T>(server: Server, path: string, asked: Asked<T> = {}): Promise<T> {
  const text = await requestText(server, path, asked)
  const { check } = asked
  if (!check) return undefined as T
  const value = parse(text)
  if (!check(value)) throw badAnswer('its body')
  return value
}

/**
 * Why `server` refuses an upgrade, which a browser does not say: rejects with its answer to the same question over HTTP.
 * Where there is no answer, or one that says nothing, it resolves.
 */
export async function askWhy(server: Server, path: string, fine?: Code): Promise<void> {
  await request(server, path).catch((error: unknown) => {
    if (error instanceof ServerError && error.code !== fine) throw error
  })
}
