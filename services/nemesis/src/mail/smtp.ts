import nodemailer, { type NodemailerError } from 'nodemailer'
import type { Mailbox } from './config.ts'
import { messageOf } from './letter.ts'
import { MailProblem, type Transport } from './transport.ts'

/** Milliseconds until there is a connection, and until each answer; a server that needs longer counts as gone. */
const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 30_000

/** What the server says of this recipient or this message; what it says of us, or of the sender, somebody may mend. */
const ABOUT_THE_MAIL = new Set(['RCPT TO', 'DATA'])

/** Codes and commands only: a server's own words may repeat the address. */
function problemOf({ code, command, responseCode, permanent }: NodemailerError): MailProblem {
  const what = [command, responseCode ?? code].filter((part) => part !== undefined).join(' ')
  const isImpossible = code === 'EENVELOPE' && command === 'API'
  return new MailProblem(what, isImpossible || (permanent === true && ABOUT_THE_MAIL.has(command ?? '')))
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host)

/** A password leaves this machine encrypted, or not at all; `?requireTLS=false` in the URL says otherwise. */
function requiresTls(url: URL): boolean {
  const decided = ['requireTLS', 'ignoreTLS'].some((name) => url.searchParams.has(name))
  return !decided && url.username !== '' && !isLoopback(url.hostname)
}

/** @param url `smtp://` or `smtps://`, with user, password and nodemailer's own options */
export function smtpTransport({ url, from }: { url: string; from: Mailbox }): Transport {
  const transporter = nodemailer.createTransport({
    url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    ...(requiresTls(new URL(url)) ? { requireTLS: true } : {}),
  })
  return {
    async send(letter, signal) {
      const message = messageOf(letter, from)
      try {
        await transporter.sendMail({ ...message, signal })
      } catch (error) {
        throw problemOf(error as NodemailerError)
      }
    },
  }
}
