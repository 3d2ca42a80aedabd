import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { AsyncQueue } from '@switchboard/testing/queue'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as the server took it, and as a mail program reads it. */
export interface Received {
  /** Of `RCPT TO`. */
  to: string[]
  raw: string
  email: Email
  /** The path of the link in it; empty where there is none. */
  path: string
}

/** What the server does with who comes, until it is told otherwise. */
interface Manners {
  /** Answers `RCPT TO` with this code. */
  refuse?: number
  /** Says nothing when somebody connects. */
  silent?: boolean
  /** Breaks the connection when it has the whole mail, before it says that it took it. */
  dies?: boolean
  /** Takes the mail, and says so once this is resolved. */
  answersAfter?: Promise<void>
}

/** An SMTP server on a free port of the loopback. */
export interface MailServer extends AsyncDisposable {
  /** `smtp://…` */
  url: string
  behave(manners: Manners): void
  /** The next one that it took or, with `dies`, had. */
  next(): Promise<Received>
  /** Resolves when somebody connects. */
  connected(): Promise<void>
  /** Cuts every connection, and takes no more. */
  kill(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
}

const PATIENCE_MS = 20_000

async function read(to: string[], raw: Buffer): Promise<Received> {
  const email = await PostalMime.parse(raw)
  const [, path = ''] = /https?:\/\/[^/\s]+(\/\S+)/.exec(email.text ?? '') ?? []
  return { to, raw: raw.toString('utf8'), email, path }
}

const answer = (code: number): Error => Object.assign(new Error('Not so'), { responseCode: code })

export async function mailServer(): Promise<MailServer> {
  const received = new AsyncQueue<Received>()
  const connections = new AsyncQueue<true>()
  const sockets = new Set<Socket>()
  let manners: Manners = {}
  let server: SMTPServer | undefined
  let port = 0

  const open = () =>
    new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      closeTimeout: 1,
      disableReverseLookup: true,
      onConnect(_session, done) {
        connections.push(true)
        if (!manners.silent) done()
      },
      onRcptTo: (_address, _session, done) => done(manners.refuse ? answer(manners.refuse) : null),
      onData(stream, { envelope }, done) {
        const { dies, answersAfter } = manners
        void buffer(stream).then(async (raw) => {
          const letter = await read(
            envelope.rcptTo.map(({ address }) => address),
            raw,
          )
          if (dies) for (const socket of sockets) socket.destroy()
          received.push(letter)
          await answersAfter
          done()
        })
      },
    })

  async function start(): Promise<void> {
    server = open()
    // Connections that a test cuts.
    server.on('error', () => {})
    server.server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    const listening = server.listen(port, '127.0.0.1')
    await once(listening, 'listening')
    port = (listening.address() as AddressInfo).port
  }

  async function kill(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    const killed = server
    server = undefined
    if (killed) await new Promise<void>((resolve) => killed.close(resolve))
  }

  await start()
  return {
    url: `smtp://127.0.0.1:${port}`,
    behave(given) {
      manners = given
    },
    next: () => received.next(PATIENCE_MS, 'mail'),
    async connected() {
      await connections.next(PATIENCE_MS, 'connection')
    },
    kill,
    start,
    [Symbol.asyncDispose]: kill,
  }
}
