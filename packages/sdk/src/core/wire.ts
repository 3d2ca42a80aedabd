import { badAnswer, ClosedError, SwitchboardError, timedOut, unreachable } from './errors.ts'

export interface WireOptions {
  /** `wss://…` */
  url: string
  protocols: string[]
  /** Longest time until it is open, milliseconds. */
  timeoutMs: number
  onOpen(): void
  /** One text frame. What it throws ends the connection. */
  onText(text: string): void
  /** Once, however it ends; not after `close`. */
  onLost(error: SwitchboardError, wasOpen: boolean): void
}

/** One connection from beginning to end. */
export interface Wire {
  /** What is said now is sent. */
  readonly isOpen: boolean
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: number
  send(frame: string): void
  /** Ends it; `onLost` hears of it only where there is an error. */
  close(error?: SwitchboardError): void
}

/** @throws where the runtime takes no such address or subprotocol */
export function openWire({ url, protocols, timeoutMs, onOpen, onText, onLost }: WireOptions): Wire {
  const ws = new WebSocket(url, protocols)
  const timer = setTimeout(() => finish(timedOut(timeoutMs)), timeoutMs)
  let wasOpen = false
  let over = false

  function finish(error?: SwitchboardError): void {
    if (over) return
    over = true
    clearTimeout(timer)
    ws.close()
    if (error) onLost(error, wasOpen)
  }
  ws.onopen = () => {
    if (over) return
    clearTimeout(timer)
    wasOpen = true
    onOpen()
  }
  ws.onmessage = ({ data }) => {
    if (over) return
    if (typeof data !== 'string') return finish(badAnswer('a binary frame'))
    try {
      onText(data)
    } catch (error) {
      finish(error instanceof SwitchboardError ? error : badAnswer('a frame'))
    }
  }
  // What it says is not for programs, and `close` follows.
  ws.onerror = () => {}
  ws.onclose = ({ code, reason }) => finish(wasOpen ? new ClosedError(code, reason) : unreachable())
  return {
    get isOpen() {
      return !over && ws.readyState === WebSocket.OPEN
    },
    get bufferedAmount() {
      return ws.bufferedAmount
    },
    send: (frame) => ws.send(frame),
    close: finish,
  }
}
