import type { SendMailOptions } from 'nodemailer'
import type { Mailbox } from './config.ts'
import type { Letter } from './transport.ts'

/**
 * A letter in nodemailer's terms. Addresses and names are fields of their own, never a line that it would have to take
 * apart, and no field can name a file or a URL.
 */
export const messageOf = ({ id, to, subject, text }: Letter, from: Mailbox): SendMailOptions => ({
  from,
  to,
  envelope: { from: from.address, to: to.address },
  subject,
  text,
  messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
  // RFC 3834 §5: no holiday notice should come back.
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
})
