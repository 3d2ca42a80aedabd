import { ended, SwitchboardError, timedOut } from './errors.ts'
import type { Emitter } from './events.ts'
import { TIMEOUT_MS } from './http.ts'
import { createOutbox } from './outbox.ts'
import { createRetries } from './retries.ts'
import { type Silence, watchSilence } from './silence.ts'
import { onWake } from './wake.ts'
import { openWire, type Wire } from './wire.ts'

/** `connecting`: a try is made. `waiting`: for the next try. `closed`: for good. */
export type State = 'connecting' | 'open' | 'waiting' | 'closed'

/** `error`: why there is no connection (`waiting`), or why there will be none (`closed`; absent where the caller closed it). */
export interface StateChange {
  state: State
  error?: SwitchboardError
}

export interface StateEvents {
  state: StateChange
}

/** What every client here is beside its own. */
export interface Connection {
  readonly state: State
  /** Resolves when it is open for the first time, rejects where it ends before. */
  readonly opened: Promise<void>
  /** Resolves when it is closed for good: with the error that ended it, or with nothing where the caller closed it. */
  readonly closed: Promise<SwitchboardError | undefined>
  close(): void
}

export interface ConnectionOptions {
  /** Ends it. What is waited for then, iterators too, rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Longest wait for a connection and for each answer, milliseconds; 10,000 unless told. */
  timeoutMs?: number | undefined
  /** When nothing comes for this long it is asked whether the connection lives, milliseconds; 60,000 unless told. */
  quietMs?: number | undefined
  /**
   * How long the first connection may take, further tries included, milliseconds; 30,000 unless told. After that it ends with
   * the last error. What was connected once comes back however long it takes.
   */
  giveUpMs?: number | undefined
}

export interface SocketOptions extends ConnectionOptions {
  /** `wss://…`, asked for anew at each try. */
  address(): string
  protocols?: string[]
  events: Emitter<StateEvents>
  /**
   * Before each try. What it rejects with counts as the try's failure. `failed`: the one before was refused, and a browser
   * does not say why.
   */
  prepare?(failed: boolean, signal: AbortSignal): Promise<void>
  /** Whoever connects is not let in before the server has said so: it is open when `ready` is called, not before. */
  awaitsReady?: boolean
  /** It is open. What is sent here comes before everything that waits. */
  onOpen?(send: (frame: string) => void): void
  /** One frame; throws `BAD_ANSWER`. */
  onFrame(text: string): void
  /** A connection is gone, or none was made. */
  onLost?(error: SwitchboardError): void
  /** `SilenceOptions.ask` */
  ask(signal: AbortSignal): Promise<boolean> | undefined
  /** Once. `reason`: what everything that waits rejects with; `quiet`: the caller closed it. */
  onEnd(reason: unknown, quiet: boolean): void
}

export interface Socket extends Connection {
  /** As `Outbox.put`; throws what ended the socket, too. */
  send(frame: string, onSent?: () => void): () => void
  /** The server has let us in; see `awaitsReady`. */
  ready(): void
  /** Ends this connection, not the socket. */
  drop(error: SwitchboardError): void
}

const GIVE_UP_MS = 30_000
const QUIET_MS = 60_000

/** `http(s)://…` as `ws(s)://…` */
export const socketAddress = (address: string): string => address.replace(/^http/i, 'ws')

/** A connection that comes back, by the close codes' own table, until it is closed. */
export function openSocket(options: SocketOptions): Socket {
  const { events, prepare, onFrame, onLost, onEnd, signal } = options
  const { timeoutMs = TIMEOUT_MS, quietMs = QUIET_MS, giveUpMs = GIVE_UP_MS } = options
  signal?.throwIfAborted()
  const stopped = new AbortController()
  const outbox = createOutbox()
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<SwitchboardError | undefined>()
  // Nobody has to look at it.
  opened.promise.catch(() => {})
  let state: State = 'connecting'
  let wire: Wire | undefined
  let silence: Silence | undefined
  let readyTimer: ReturnType<typeof setTimeout> | undefined
  let failed = false
  let endReason: unknown

  function become(next: State, error?: SwitchboardError): void {
    state = next
    events.emit('state', error ? { state, error } : { state })
  }
  function forget(): void {
    clearTimeout(readyTimer)
    silence?.stop()
    silence = undefined
    wire = undefined
  }
  async function connect(): Promise<void> {
    become('connecting')
    try {
      await prepare?.(failed, stopped.signal)
    } catch (error) {
      lost(error as SwitchboardError, false)
      return
    }
    if (state !== 'connecting') return
    const { protocols = [] } = options
    try {
      wire = openWire({ url: options.address(), protocols, timeoutMs, onOpen: letIn, onText, onLost: lost })
    } catch (error) {
      // The runtime's own error may quote the token.
      const impossible = 'no such address, or no such token, can be'
      end(error instanceof SwitchboardError ? error : new SwitchboardError('BAD_BINDING', impossible, false))
    }
  }
  function letIn(): void {
    if (!options.awaitsReady) ready()
    else readyTimer = setTimeout(() => wire?.close(timedOut(timeoutMs)), timeoutMs)
  }
  function ready(): void {
    const open = wire
    if (!open || state !== 'connecting') return
    clearTimeout(readyTimer)
    retries.opened()
    silence = watchSilence({
      quietMs,
      replyMs: timeoutMs,
      ask: () => options.ask(stopped.signal),
      onDead: () => open.close(timedOut(timeoutMs)),
    })
    options.onOpen?.(open.send)
    outbox.flush(open)
    opened.resolve()
    become('open')
  }
  function onText(text: string): void {
    silence?.heard()
    onFrame(text)
    retries.proven()
  }
  function lost(error: SwitchboardError, wasOpen: boolean): void {
    if (state === 'closed') return
    forget()
    failed = !wasOpen
    onLost?.(error)
    if (retries.plan(error)) become('waiting', error)
    else end(error)
  }
  function end(reason?: unknown): void {
    if (state === 'closed') return
    state = 'closed'
    endReason = reason ?? ended()
    wire?.close()
    forget()
    stopWaking()
    retries.stop()
    signal?.removeEventListener('abort', aborted)
    stopped.abort(endReason)
    const error = reason instanceof SwitchboardError ? reason : undefined
    onEnd(endReason, reason === undefined)
    opened.reject(endReason)
    closed.resolve(error)
    become('closed', error)
  }

  const aborted = () => end(signal?.reason)
  signal?.addEventListener('abort', aborted)
  const retries = createRetries({
    giveUpMs,
    again: () => void connect(),
    giveUp: end,
    isOpen: () => state === 'open',
  })
  const stopWaking = onWake(() => {
    if (state === 'waiting') retries.now()
    else silence?.ask()
  })
  void connect()

  return {
    get state() {
      return state
    },
    opened: opened.promise,
    closed: closed.promise,
    close: () => end(),
    send(frame, onSent) {
      if (state === 'closed') throw endReason
      return outbox.put(state === 'open' ? wire : undefined, frame, onSent)
    },
    ready,
    drop: (error) => wire?.close(error),
  }
}
