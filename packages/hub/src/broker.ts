import type { Envelope } from '@switchboard/protocol/bus'

export type Listener = (envelope: Envelope) => void

/** Ends a subscription. Calling it twice is calling it once. */
export type Unsubscribe = () => void

/**
 * Carries envelopes between processes. At most once, and in order from any one publisher; what must not be lost is in a
 * store, not here.
 */
export interface Broker {
  /** This process, unique among all that share the bus: 1 to 32 of `[0-9a-z]`. */
  readonly process: string
  /**
   * To every listener of `envelope.topic`: those of this process before the call returns, also while the bus is away;
   * those of other processes soon after, in the order of these calls. Never throws.
   */
  publish(envelope: Envelope): void
  /** Resolves once nothing published after it can be missed. Rejects where the bus is away. */
  subscribe(topic: string, listener: Listener): Promise<Unsubscribe>
  /** Called when the bus goes away (`false`) and when it is back with every subscription renewed (`true`). */
  onChange(listener: (up: boolean) => void): Unsubscribe
  /** Rejects where the bus does not answer; readiness asks. */
  ping(): Promise<void>
  close(): Promise<void>
}
