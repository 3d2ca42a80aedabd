import type { AddressInfo } from 'node:net'
import type { Server } from '@switchboard/kit/server'
import type { MailConfig } from './config.ts'
import { fileTransport } from './files.ts'
import type { Outbox } from './outbox.ts'
import { type Sender, type SenderStats, startSender } from './sender.ts'
import { smtpTransport } from './smtp.ts'
import type { Transport } from './transport.ts'

/** Where mails go, for whoever starts the service. */
export const whereMailsGo = ({ smtpUrl, folder }: MailConfig): string =>
  smtpUrl === undefined ? `mails are files in ${folder}; SMTP_URL sends them` : 'mails go to SMTP_URL'

const transportOf = ({ smtpUrl: url, folder, from }: MailConfig): Transport =>
  url === undefined ? fileTransport({ folder, from }) : smtpTransport({ url, from })

/** On every interface is on the loopback too. */
function originOf({ address, family, port }: AddressInfo): string {
  const isAny = address === '0.0.0.0' || address === '::'
  const host = isAny ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

/**
 * Sends what is queued while the app runs, once it is known where people reach it. Answers what ends that, to be called
 * while the outbox is still open; requests that are still being answered may queue more, which waits for the next process.
 */
export function sendMails(
  app: Server,
  { outbox, config }: { outbox: Outbox; config: { mail: MailConfig } },
): () => Promise<void> {
  let sender: Sender | undefined
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= sender?.close()
    return closing ?? Promise.resolve()
  }
  app.addHook('onReady', async () => {
    const mayBegin = () => config.mail.publicUrl !== undefined
    sender = startSender({ outbox, transport: transportOf(config.mail), log: app.log, mayBegin })
  })
  app.addHook('onListen', async () => {
    config.mail.publicUrl ??= originOf(app.server.address() as AddressInfo)
  })
  // Beside the requests' last answers, not behind them: a process has 10 s in all.
  app.addHook('preClose', async () => void close())
  const none: SenderStats = { sent: 0, failed: 0, givenUp: 0, waiting: 0 }
  const stats = () => sender?.stats() ?? none
  app.metrics.gauge('nemesis_mails_waiting', 'Mails in the outbox', () => stats().waiting)
  app.metrics.total(
    'nemesis_mails_total',
    'Mails that were sent, tries that failed, mails that were given up',
    () => ({ sent: stats().sent, failed: stats().failed, given_up: stats().givenUp }),
    'result',
  )
  return close
}
