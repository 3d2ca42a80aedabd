/** What is sent: text in every field, and only text. */
export interface MailText {
  /** One address, and the name of whom it belongs to. */
  to: { name: string; address: string }
  subject: string
  text: string
}

export interface Letter extends MailText {
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
