import type { MailContent } from './outbox.ts'

export interface Letter extends MailContent {
  /** Every try at it has the same, so that who gets it twice can tell. */
  id: string
}

/** Hands mails over to whoever brings them to people. */
export interface Transport {
  /** @throws MailProblem */
  send(letter: Letter, signal: AbortSignal): Promise<void>
}

/** Why a mail was not taken; nothing of the mail is in it. */
export class MailProblem extends Error {
  override name = 'MailProblem'
  /** No later try will end otherwise. */
  readonly permanent: boolean

  /** @param problem a word or a number */
  constructor(problem: string, permanent: boolean) {
    super(problem)
    this.permanent = permanent
  }
}
