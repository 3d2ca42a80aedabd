import { parseEmail } from '@switchboard/protocol/names'
import type { SendMailOptions } from 'nodemailer'
import type { Mailbox } from './config.ts'
import { type Letter, MailProblem } from './transport.ts'

/**
 * A letter in nodemailer's terms. Addresses and names are fields of their own, never a line that it would have to take
 * apart, and no field can name a file or a URL.
 * @throws MailProblem for what is no address: whoever queued it checked that, but nodemailer would make the best of it
 */
export function messageOf({ id, to, subject, text }: Letter, from: Mailbox): SendMailOptions {
  const address = parseEmail(to.address)
  if (!address.ok) throw new MailProblem('not an address', true)
  return {
    from,
    to: { name: to.name, address: address.value.name },
    subject,
    text,
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    // RFC 3834 §5: no holiday notice should come back.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
