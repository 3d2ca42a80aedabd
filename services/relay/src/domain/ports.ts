import type { Incoming } from './incoming.ts'
import type { Outcome } from './outcome.ts'

/** Time, milliseconds since the epoch. */
export interface Clock {
  now(): number
  /** Calls `run` once, unless the answer is called before. */
  after(ms: number, run: () => void): () => void
}

export interface Tokens {
  /** When a living token ends. */
  find(token: string): Promise<number | undefined>
}

/** Requests that wait for their clients. */
export interface Queue {
  /** `false`: there is no such living token. */
  append(token: string, incoming: Incoming): Promise<boolean>
  /** The oldest ones after a number, with all that this process appended before the call. */
  read(token: string, after: bigint): Promise<{ seq: bigint; incoming: Incoming }[]>
  remove(token: string, seqs: readonly bigint[]): Promise<void>
  /** Resolves, and never rejects, once everything appended so far is kept or refused. */
  settled(): Promise<void>
}

/** Which connection of which process a token's client has; ids are `<process>.<n>`. */
export interface Slots {
  take(token: string, connection: string): Promise<{ displaced?: string }>
  /** Takes it where it is free; `false`: another connection has it. */
  keep(token: string, connection: string): Promise<boolean>
  holder(token: string): Promise<string | undefined>
  release(token: string, connection: string): Promise<void>
}

/** The other processes. */
export interface Peers {
  /** `undefined`: that process does not have the client, or does not answer. */
  forward(process: string, token: string, incoming: Incoming): Promise<Outcome | undefined>
  /**
   * Tells the connection's process that another one took its place. Resolves when what its client had not acknowledged is
   * in the queue, or its process did not say so in time.
   */
  displace(connection: string): Promise<void>
  /** Tells a process that something waits for its client. */
  wake(process: string, token: string): void
}

/** The connection of one client. */
export interface Link {
  /**
   * Sends the event soon: `written` is called when that is done, unless the client goes before. `acknowledged` is called
   * once at most, with the arguments, also later than anybody waits.
   *
   * @param event the argument of the event `request`, as JSON
   */
  write(event: string, told: { written(): void; acknowledged(args: unknown[]): void }): void
  /** More waits for the client than for a slow one may. */
  readonly isFull: boolean
  /** Resolves when it is not full, or closed. */
  room(): Promise<void>
  /** Disconnects the client in a way that it does not come back by itself. */
  close(): void
}
