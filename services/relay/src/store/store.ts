/** A request as it is kept: JSON, and the body's bytes. */
export interface Parcel {
  head: string
  body: Uint8Array | undefined
}

export interface QueueLimits {
  /** For each token. */
  requests: number
  bytes: number
  /** Bytes of all tokens together. */
  totalBytes: number
}

export interface QueueOptions {
  limits: QueueLimits
  now(): number
  /** Is told how many requests a full queue lost. */
  dropped(requests: number): void
}

/** Tokens and who made them. Times are milliseconds since the epoch; every call rejects where the store does not answer. */
export interface TokenStore {
  /**
   * Keeps a new token. Where `maker` has `most` living ones already it is not kept, and the answer is when the first of
   * those ends.
   */
  add(
    token: { token: string; maker: string; expiresAt: number },
    limit: { most: number; now: number },
  ): Promise<{ added: boolean; firstEnds?: number }>
  /** When a living token ends. */
  find(token: string, now: number): Promise<number | undefined>
  /** `false`: there is no such living token. */
  refresh(token: string, times: { expiresAt: number; now: number }): Promise<boolean>
}

/**
 * The requests that wait, of all processes. Each bound holds exactly, whichever process appends. Every call rejects
 * where the store does not answer.
 */
export interface QueueStore {
  /** Keeps a request as its token's newest. `false`: there is no such living token. */
  append(token: string, parcel: Parcel): Promise<boolean>
  /** The oldest ones with a number above `after`, with all that this process appended before the call. */
  read(token: string, after: bigint, limit: number): Promise<({ seq: bigint } & Parcel)[]>
  /** Those of the token that are still there. */
  remove(token: string, seqs: readonly bigint[]): Promise<void>
  /** Removes tokens that have ended, with what waited for them. */
  sweep(): Promise<void>
  /** Resolves, and never rejects, once everything appended so far is kept or refused. */
  settled(): Promise<void>
}
