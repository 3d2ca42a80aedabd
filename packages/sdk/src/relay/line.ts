import { io } from 'socket.io-client'
import { backoff } from '../core/backoff.ts'
import { ServerError, type SwitchboardError, timedOut, unreachable } from '../core/errors.ts'
import { isOffline, onWake } from '../core/wake.ts'
import type { Acknowledge } from './deliveries.ts'

/** Milliseconds between tries while the runtime says that there is no network: it may be wrong. */
const OFFLINE_MS = 30_000

/** What the server says to a connection that it does not let in. */
function refusal(message: string): SwitchboardError {
  if (message === 'Invalid namespace')
    return new ServerError('NOT_FOUND', 'there is no such token (any more)', 404)
  if (message === 'Unavailable')
    return new ServerError('UNAVAILABLE', 'the token cannot be looked up at the moment', 503)
  return unreachable()
}

export interface LineOptions {
  /** The Switchboard's address. */
  url: string
  token: string
  /** Longest wait for a connection, milliseconds. */
  timeoutMs: number
  onConnecting(): void
  onOpen(): void
  onRequest(request: unknown, acknowledge: Acknowledge): void
  /** The connection is gone, or none was made; the next try comes by itself. */
  onLost(error: SwitchboardError): void
  /** There is no such token (any more): there will be no further try. */
  onRefused(error: SwitchboardError): void
  /** The server disconnected this client: the token has ended, or somebody else connected with it. No further try. */
  onDismissed(): void
}

/** Socket.IO in a token's namespace, which comes back until it is closed. */
export interface Line {
  /** After {@link LineOptions.onDismissed}: tries again. */
  resume(error: SwitchboardError): void
  close(): void
}

export function openLine(options: LineOptions): Line {
  const { url, token, timeoutMs } = options
  const { origin, pathname } = new URL(url)
  // Its own reconnecting is off: this one knows refusals from failures, and waits as all clients here do.
  const socket = io(`${origin}/${token}`, {
    path: `${pathname.replace(/\/+$/, '')}/socket.io/`,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    timeout: timeoutMs,
    forceNew: true,
    reconnection: false,
    autoConnect: false,
  })
  let phase: 'trying' | 'open' | 'waiting' | 'closed' = 'trying'
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  function connect(): void {
    clearTimeout(timer)
    phase = 'trying'
    options.onConnecting()
    // Socket.IO's own timeout ends with the connection; a server may keep silent after that.
    timer = setTimeout(() => lost(timedOut(timeoutMs)), timeoutMs)
    socket.connect()
    // Nor does it tell of a connection that closes before it has begun; of others it tells more, right after this.
    socket.io.engine.once('close', () => queueMicrotask(() => phase === 'trying' && lost(unreachable())))
  }
  function lost(error: SwitchboardError): void {
    if (phase === 'waiting' || phase === 'closed') return
    clearTimeout(timer)
    failures++
    phase = 'waiting'
    timer = setTimeout(connect, isOffline() ? OFFLINE_MS : backoff(failures))
    socket.disconnect()
    options.onLost(error)
  }
  function close(): void {
    clearTimeout(timer)
    stopWaking()
    phase = 'closed'
    socket.off()
    socket.disconnect()
  }

  socket.on('connect', () => {
    clearTimeout(timer)
    failures = 0
    phase = 'open'
    options.onOpen()
  })
  socket.on('connect_error', ({ message }) => {
    const error = refusal(message)
    if (error.retryable) lost(error)
    else options.onRefused(error)
  })
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') options.onDismissed()
    else lost(unreachable())
  })
  socket.on('request', options.onRequest)
  const stopWaking = onWake(() => {
    if (phase === 'waiting') connect()
  })
  connect()
  return { resume: lost, close }
}
