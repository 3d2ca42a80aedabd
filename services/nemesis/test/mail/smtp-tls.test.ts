import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { smtpTransport } from '../../src/mail/smtp.ts'

interface Seen {
  secure: boolean
  user: string | undefined
}

/** A server that wants a password, and what it saw of each log-in and each mail. */
async function listen(options: SMTPServerOptions = {}) {
  const logIns: (string | null | undefined)[] = []
  const mails: Seen[] = []
  // It warns that its certificate is for tests only.
  const warning = vi.spyOn(console, 'error').mockImplementation(() => {})
  const server = new SMTPServer({
    ...options,
    closeTimeout: 1,
    disableReverseLookup: true,
    onAuth({ username, password }, _session, done) {
      logIns.push(password)
      done(null, password === 'secret word' ? { user: username } : {})
    },
    onData(stream, { secure, user }, done) {
      mails.push({ secure, user: user as string | undefined })
      stream.resume().on('end', () => done())
    },
  })
  warning.mockRestore()
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise((resolve) => server.close(resolve)))
  return { port: (listening.address() as AddressInfo).port, logIns, mails }
}

const LETTER = {
  id: '0b5f2a52-8c53-4c5e-9a52-3d6f0c7a1e11',
  to: { name: 'Ada', address: 'ada@example.org' },
  subject: 'S',
  text: 'T',
}
const send = (url: string) =>
  smtpTransport({ url, from: { name: 'School', address: 'nobody@school.example' } }).send(
    LETTER,
    AbortSignal.timeout(10_000),
  )

// smtp-server's own certificate is signed by nobody.
const ANYBODY = '?tls.rejectUnauthorized=false'
const later = { name: 'MailProblem', permanent: false }

describe('SMTP_URL', () => {
  it('with smtps:// speaks TLS from the start, and logs in', async () => {
    const { port, mails } = await listen({ secure: true })
    await send(`smtps://user:secret%20word@127.0.0.1:${port}/${ANYBODY}`)
    expect(mails).toEqual([{ secure: true, user: 'user' }])
  })

  it('with smtp:// changes to TLS where the server offers it', async () => {
    const { port, mails } = await listen()
    await send(`smtp://user:secret%20word@127.0.0.1:${port}/${ANYBODY}`)
    expect(mails).toEqual([{ secure: true, user: 'user' }])
  })

  it('trusts no certificate that nobody signed: the mail waits', async () => {
    const { port, logIns, mails } = await listen({ secure: true })
    await expect(send(`smtps://user:secret%20word@127.0.0.1:${port}`)).rejects.toMatchObject(later)
    expect([logIns, mails]).toEqual([[], []])
  })

  it('tells its password to no other machine in clear: the mail waits', async () => {
    const { port, logIns, mails } = await listen({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    // This machine, by a name that is not known to be.
    const url = `smtp://user:secret%20word@0.0.0.0:${port}`
    await expect(send(url)).rejects.toMatchObject(later)
    expect([logIns, mails]).toEqual([[], []])
    await send(`${url}/?requireTLS=false`)
    await send(url.replace('0.0.0.0', '127.0.0.1'))
    expect(mails).toEqual(Array(2).fill({ secure: false, user: 'user' }))
  })

  it('with a wrong password lets mails wait: somebody may mend it', async () => {
    const { port, mails } = await listen()
    const refused = send(`smtp://user:wrong@127.0.0.1:${port}/${ANYBODY}`)
    await expect(refused).rejects.toMatchObject({
      ...later,
      message: expect.stringMatching(/^AUTH \w+ 535$/) as string,
    })
    expect(mails).toEqual([])
  })
})
