/** A connection that sends. Keep one for each. */
export interface Sender {
  /** Bytes of its messages that wait. */
  waiting: number
  /** Its messages wait no longer, and are undelivered. */
  gone: boolean
  /** Lets its next message in. */
  resume: (() => void) | undefined
  /** Called once, when its messages could not be stored in time. */
  undelivered(): void
}

export const newSender = (undelivered: () => void): Sender => ({
  waiting: 0,
  gone: false,
  resume: undefined,
  undelivered,
})

/** Lets its next message in. */
export function resume(sender: Sender): void {
  sender.resume?.()
  sender.resume = undefined
}
