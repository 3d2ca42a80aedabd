import type { Answer } from '@switchboard/protocol/relay'

/** What became of a request. */
export type Outcome =
  /** It was written to the client; `answer` is what the client acknowledged it with, where it did. */
  | { delivery: 'delivered'; answer?: Answer }
  /** It waits for the client. */
  | { delivery: 'queued' }
  /** There is no such token. */
  | { delivery: 'unknown' }

export const QUEUED: Outcome = { delivery: 'queued' }
export const UNKNOWN: Outcome = { delivery: 'unknown' }
