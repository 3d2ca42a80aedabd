/** What is sent: text in every field, and only text. */
export interface MailContent {
  /** One address, and the name of whom it belongs to. */
  to: { name: string; address: string }
  subject: string
  text: string
}

export interface NewMail {
  /** A link's kind, or what else it tells. */
  kind: string
  /** Whom it is about. */
  userid: string
  content: MailContent
}

/** A mail that this process is to send now; nobody else does before the lease runs out. */
export interface ClaimedMail {
  id: string
  kind: string
  userid: string
  /** From 1. */
  attempt: number
  /** Milliseconds since it was queued. */
  ageMs: number
  /** `undefined`: sealed with a secret that is gone. */
  content: MailContent | undefined
}

/**
 * Mails that wait in the database until some process has sent them, encrypted, because they hold codes. Every call rejects
 * where the database does not answer. What is said of a mail whose lease somebody else took meanwhile is ignored.
 */
export interface Outbox {
  put(mail: NewMail): Promise<void>
  /** Those that are due, oldest first, `count` at most, for so long. */
  claim(count: number, leaseMs: number): Promise<ClaimedMail[]>
  sent(mail: ClaimedMail): Promise<void>
  /** @param problem a word or a number that holds nothing of what was to be sent */
  retry(mail: ClaimedMail, afterMs: number, problem: string): Promise<void>
  giveUp(mail: ClaimedMail, problem: string): Promise<void>
  /** How many wait. */
  waiting(): Promise<number>
  /** Calls back whenever something was queued in this process; answers how to end that. */
  onQueued(listener: () => void): () => void
}
