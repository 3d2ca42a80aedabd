import { badAnswer, ended, SwitchboardError, timedOut } from './core/errors.ts'
import { createEmitter, type Events } from './core/events.ts'
import { addressOf, TIMEOUT_MS } from './core/http.ts'
import type { Connection, ConnectionOptions, State, StateEvents } from './core/socket.ts'
import { createInbox } from './relay/inbox.ts'
import { openLine } from './relay/line.ts'
import type { RelayRequest } from './relay/request.ts'
import { newToken, refreshToken } from './relay/token.ts'

export { type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Events } from './core/events.ts'
export type { Connection, ConnectionOptions, State, StateChange } from './core/socket.ts'
export type { Answer } from './relay/answer.ts'
export type { RelayRequest } from './relay/request.ts'

export interface RelayOptions extends Omit<ConnectionOptions, 'quietMs'> {
  /** The Switchboard: `https://switchboard.example`, also with a path before the services' own. */
  url: string | URL
  /** From a relay before, for the same public URL. A new one is made unless told. */
  token?: string
  /**
   * Milliseconds between the token's refreshes; an hour unless told, as a token lives a day unless the server is set up
   * otherwise.
   */
  refreshMs?: number
}

export interface RelayEvents extends StateEvents {
  request: RelayRequest
}

/**
 * A public URL whose requests come here. While there is no connection they wait for it, and come in their order when it is
 * back, each once.
 */
export interface Relay
  extends Connection,
    Events<RelayEvents>,
    AsyncIterable<RelayRequest, undefined, undefined> {
  /** Whoever has it gets the requests; keep it for the next time. */
  readonly token: string
  /** What to tell others: any further path and query may follow. */
  readonly url: string
}

const HOUR_MS = 3_600_000
const GIVE_UP_MS = 30_000

/** Somebody else connected with the token; two who both come back would take it from each other for ever. */
const displaced = (): SwitchboardError =>
  new SwitchboardError('DISPLACED', 'another client has connected with this token', false)

/**
 * Makes a public URL, or refreshes the token of one, and begins to connect. Rejects where the server cannot be asked
 * (`UNREACHABLE`, `RATE_LIMITED`, …) or does not know the token (`NOT_FOUND`).
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { url, signal, timeoutMs = TIMEOUT_MS } = options
  const server = { url, signal, timeoutMs }
  const token = options.token ?? (await newToken(server))
  if (options.token !== undefined) await refreshToken(server, token)
  return connectRelay(options, token)
}

function connectRelay(options: RelayOptions, token: string): Relay {
  const { url, signal, timeoutMs = TIMEOUT_MS, giveUpMs = GIVE_UP_MS, refreshMs = HOUR_MS } = options
  signal?.throwIfAborted()
  const events = createEmitter<RelayEvents>()
  const inbox = createInbox(events)
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<SwitchboardError | undefined>()
  const stopped = new AbortController()
  // Nobody has to look at it.
  opened.promise.catch(() => {})
  let state: State = 'connecting'
  let lastError: SwitchboardError | undefined

  function become(next: State, error?: SwitchboardError): void {
    state = next
    events.emit('state', error ? { state, error } : { state })
  }
  function opening(): void {
    clearTimeout(deadline)
    opened.resolve()
    become('open')
  }
  function lost(error: SwitchboardError): void {
    inbox.disconnected()
    lastError = error
    become('waiting', error)
  }
  /** Answers what is wrong, if anything is; ends the relay where the token has ended. */
  async function refresh(): Promise<SwitchboardError | undefined> {
    try {
      await refreshToken({ url, timeoutMs, signal: stopped.signal }, token)
      return undefined
    } catch (error) {
      if (error instanceof SwitchboardError && error.code === 'NOT_FOUND') end(error)
      return error as SwitchboardError
    }
  }
  async function dismissed(): Promise<void> {
    inbox.disconnected()
    const error = await refresh()
    if (!error) end(displaced())
    else if (state !== 'closed') line.resume(error)
  }
  function end(reason?: unknown): void {
    if (state === 'closed') return
    line.close()
    clearInterval(refreshing)
    clearTimeout(deadline)
    signal?.removeEventListener('abort', aborted)
    const endReason = reason ?? ended()
    stopped.abort(endReason)
    const error = reason instanceof SwitchboardError ? reason : undefined
    inbox.end(reason)
    opened.reject(endReason)
    closed.resolve(error)
    become('closed', error)
  }

  const aborted = () => end(signal?.reason)
  signal?.addEventListener('abort', aborted)
  const refreshing = setInterval(() => void refresh(), refreshMs)
  const deadline = setTimeout(() => end(lastError ?? timedOut(giveUpMs)), giveUpMs)
  const line = openLine({
    url: `${url}`,
    token,
    timeoutMs,
    onConnecting: () => become('connecting'),
    onOpen: opening,
    onRequest: (value, acknowledge) => inbox.put(value, acknowledge) || end(badAnswer('a request')),
    onLost: lost,
    onRefused: end,
    onDismissed: () => void dismissed(),
  })

  return {
    get state() {
      return state
    },
    token,
    url: addressOf(url, `/v1/go/${token}`),
    opened: opened.promise,
    closed: closed.promise,
    close: () => end(),
    on: inbox.on,
    [Symbol.asyncIterator]: inbox[Symbol.asyncIterator],
  }
}
