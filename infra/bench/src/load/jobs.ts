import type { Verdict } from './checker.ts'
import type { Prepared, WireName } from './wires.ts'

/** Where a load goes, and whose CPU and memory it costs. */
export interface Target {
  /** Of each process. */
  ports: number[]
  pids: number[]
  wire: WireName
  prepared: Prepared
  /** Each process is a Node that collects its garbage when it is told to: see `collect`. */
  collectsOnSignal: boolean
}

/** `inFlight`: as many messages are on their way at any time. `perSecond`: that many are due, whatever becomes of them. */
export type Pace = { inFlight: number } | { perSecond: number }

/** Publishers speak, listeners hear, everyone in their own group. */
export interface FanOutJob {
  kind: 'fan-out'
  listeners: number
  publishers: number
  groups: number
  pace: Pace
  /** Listeners are at the first process and publishers at the last; else connections take turns. */
  apart?: true
}

/** Connections that do nothing. */
export interface IdleJob {
  kind: 'idle'
  connections: number
  /** Made before anything is measured, so that what the first one costs once is nobody's. */
  before: number
}

/** HTTP requests that the relay's client acknowledges. */
export interface RelayJob {
  kind: 'relay'
  connections: number
}

/** Log-ins over HTTP. */
export interface LogInJob {
  kind: 'log-in'
  connections: number
}

export type Job = FanOutJob | IdleJob | RelayJob | LogInJob

export interface Timing {
  warmUpSeconds: number
  seconds: number
  /** After everyone is connected, and after garbage was collected. */
  settleSeconds: number
}

export interface Order {
  job: Job
  target: Target
  timing: Timing
}

/** What was measured; a figure is absent where the load has none, or where the system does not tell. */
export interface Figures {
  /** Deliveries, requests or log-ins a second. */
  perSecond?: number
  /** Microseconds of the server's CPU for each of them. */
  cpuMicros?: number
  /** Microseconds of the first process' alone, where listeners are there and publishers are not. */
  listenersMicros?: number
  /** Microseconds of the generator's CPU for each of them. */
  generatorMicros?: number
  /** Microseconds of the server's CPU for each connection that was made. */
  connectMicros?: number
  /** Bytes of resident memory for each idle connection: after a collection, and as it was before. */
  connectionBytes?: number
  uncollectedBytes?: number
  /** Milliseconds from when a message was due. */
  p50?: number
  p99?: number
  /** Deliveries, and bytes, that one read of one connection brought. */
  perRead?: number
  bytesPerDelivery?: number
  /** Shares of one core. */
  serverUse?: number
  generatorUse?: number
  check?: Verdict
}
