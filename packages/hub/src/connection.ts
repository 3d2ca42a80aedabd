import type { CloseCode } from '@switchboard/protocol/close-codes'

/** One client's WebSocket, as a service sees it. `S` is what the service keeps for it. */
export interface Connection<S> {
  /** `<process>.<n>`, unique among all processes on the bus. */
  readonly id: string
  readonly session: S
  /** What it has entered and not left. Read it where you stand; it changes. */
  readonly topics: ReadonlySet<string>
  /** Whether anything can still be sent. False from the first {@link close} on, whoever called it. */
  readonly open: boolean
  /** Bytes that wait for the client to read them. */
  readonly buffered: number
  /**
   * One text message, as it is (not through the hub's framing). It leaves with whatever else this turn of the event
   * loop sends to the connection, in the order of the calls. Nothing happens where the connection is not open.
   */
  send(payload: string | Buffer): void
  /**
   * Resolves once everything sent so far is out of this process, or the connection is gone; never rejects. For whoever
   * sends more than the hub lets wait.
   */
  drained(): Promise<void>
  /**
   * Sends what waits, then the close frame. Messages of the client that were not handled yet are dropped, later calls
   * do nothing. A client that does not answer within 2 s is cut off.
   *
   * @param reason At most 123 bytes of UTF-8.
   */
  close(code: CloseCode, reason?: string): void
}
