import type { Envelope } from '@switchboard/protocol/bus'

export type Listener = (envelope: Envelope) => void

/** Ends a subscription. Calling it twice is calling it once. */
export type Unsubscribe = () => void

/** Counted since the start, but for `up`, `subscriptions` and `lagMs`, which are now. */
export interface BrokerStats {
  up: boolean
  /** Calls of `publish`. */
  published: number
  /** Envelopes that came from other processes. */
  received: number
  /** Envelopes that were not sent to other processes, because the bus was away or too far behind. */
  dropped: number
  /** Topics that this process hears. */
  subscriptions: number
  /** Milliseconds that an envelope last took through the bus and back. */
  lagMs: number
}

/**
 * Carries envelopes between processes. At most once, and in order from any one publisher; what must not be lost is in a
 * store, not here.
 */
export interface Broker {
  /** This process, unique among all that share the bus: 1 to 32 of `[0-9a-z]`. */
  readonly process: string
  /**
   * To every listener of `envelope.topic`: those of this process before the call returns, also while the bus is away;
   * those of other processes soon after, in the order of these calls (on a Redis Cluster: of those for one topic).
   * Never throws.
   */
  publish(envelope: Envelope): void
  /** Resolves once nothing published after it can be missed. Rejects (`Unavailable`) where the bus is away. */
  subscribe(topic: string, listener: Listener): Promise<Unsubscribe>
  /**
   * `false`: in no process anybody listened to the topic when it was asked about. `true` may be wrong: a Redis Cluster
   * cannot be asked. Rejects where the bus is away.
   */
  isHeard(topic: string): Promise<boolean>
  /** Called when the bus goes away (`false`) and when it is back with every subscription renewed (`true`). */
  onChange(listener: (up: boolean) => void): Unsubscribe
  /**
   * Resolves once the bus has taken all that was published before. Rejects where it may not have; call it in the tick of
   * the `publish` that it is about.
   */
  flush(): Promise<void>
  /** Rejects where the bus is away; readiness asks. */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface MeasuredBroker extends Broker {
  readonly stats: BrokerStats
}
