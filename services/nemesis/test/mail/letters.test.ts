import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMailConfig } from '../../src/mail/config.ts'
import { smtpTransport } from '../../src/mail/smtp.ts'
import type { Transport } from '../../src/mail/transport.ts'
import { type MailServer, mailServer } from '../support/smtp.ts'

const FROM = { name: 'Our School', address: 'nobody@school.example' }
const ID = '0b5f2a52-8c53-4c5e-9a52-3d6f0c7a1e11'

let server: MailServer
let transport: Transport
beforeAll(async () => {
  server = await mailServer()
  transport = smtpTransport({ url: server.url, from: FROM })
})
afterAll(() => server[Symbol.asyncDispose]())

async function sent(letter: { name?: string; address?: string; subject?: string; text?: string }) {
  const { name = 'Ada', address = 'ada@example.org', subject = 'Hello', text = 'Text' } = letter
  await transport.send({ id: ID, to: { name, address }, subject, text }, AbortSignal.timeout(10_000))
  return server.next()
}

const HEADERS = [
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
]

describe('a mail', () => {
  it('has one recipient, one sender, an id that stays, and asks for no automatic answer', async () => {
    const { to, email } = await sent({})
    expect(to).toEqual(['ada@example.org'])
    expect(email).toMatchObject({
      from: FROM,
      to: [{ name: 'Ada', address: 'ada@example.org' }],
      subject: 'Hello',
    })
    expect(email.messageId).toBe(`<${ID}@school.example>`)
    expect(email.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated')
  })

  // The parsers at the door refuse most of these; whatever comes through is still text.
  it.each([
    ['a line break', 'Ada\r\nBcc: eve@example.org'],
    ['a lone line feed', 'Ada\nBcc: eve@example.org\n\nAnother text'],
    ['a lone carriage return', 'Ada\rBcc: eve@example.org'],
    ['a list of addresses', 'Ada, eve@example.org'],
    ['an address in brackets', 'Ada <eve@example.org>'],
    ['quotes', 'Ada" <eve@example.org>, "'],
    ['a group', 'all: eve@example.org;'],
    ['an encoded word', '=?utf-8?Q?Ada=0D=0ABcc=3A_eve=40example.org?='],
    ['a comment', 'Ada (eve@example.org)'],
    ['very many characters', 'Ada '.repeat(5_000)],
    ['very many characters of a far script', '愛'.repeat(5_000)],
  ])(
    'whose name or subject holds %s goes to one person all the same, with no header more',
    async (_what, text) => {
      for (const letter of [{ name: text }, { subject: text }]) {
        const { to, raw, email } = await sent(letter)
        expect(to).toEqual(['ada@example.org'])
        expect(email.to).toHaveLength(1)
        expect(email.to?.[0]).toMatchObject({ address: 'ada@example.org' })
        expect(email).not.toHaveProperty('bcc')
        expect(email.headers.map(({ key }) => key).toSorted()).toEqual(HEADERS)
        expect(email.text?.trim()).toBe('Text')
        for (const line of raw.split('\r\n\r\n')[0]?.split('\r\n') ?? [])
          expect(line.length).toBeLessThan(999)
      }
    },
  )

  it('keeps a name and a text in any script', async () => {
    const text = 'Zażółć gęślą jaźń\n\n愛 🦊\n.\nafter a lone dot\n'
    const { email } = await sent({ name: 'Ζωή Смирнова 🦊', subject: 'Grüße', text })
    expect(email.to?.[0]).toMatchObject({ name: 'Ζωή Смирнова 🦊' })
    expect(email).toMatchObject({ subject: 'Grüße', text })
  })

  it('keeps a link of any length whole', async () => {
    const link = `https://example.org/reset_password/${encodeURIComponent('é'.repeat(64))}/${'x'.repeat(43)}`
    for (const long of [link, `${link}${'x'.repeat(1_000)}`])
      expect((await sent({ text: `Here:\n\n    ${long}\n` })).email.text).toContain(`\n    ${long}\n`)
  })

  it('goes to a domain of any script by its ASCII name, and to a mailbox of any script as it is', async () => {
    expect((await sent({ address: 'zoe@bücher.example' })).raw).toContain('<zoe@xn--bcher-kva.example>')
    expect((await sent({ address: 'ζωή@bücher.example' })).to[0]).toMatch(/^ζωή@/)
  })

  it('to what is no address is not sent, and is never tried again', async () => {
    for (const address of ['', 'a@example.org\r\nRCPT TO:<eve@example.org>', 'a@example.org> SIZE=1']) {
      await expect(sent({ address })).rejects.toMatchObject({ name: 'MailProblem', permanent: true })
    }
  })
})

describe('the configuration', () => {
  const read = (env: Record<string, string>, production = false) =>
    readMailConfig(env, { dataDir: '/data', production })
  const SMTP = { SMTP_URL: 'smtp://localhost', MAIL_FROM: 'nobody@example.org' }

  it('without SMTP_URL has mails as files below DATA_DIR', () => {
    expect(read({})).toMatchObject({ smtpUrl: undefined, folder: '/data/mail', publicUrl: undefined })
  })

  it.each([
    ['nobody@example.org', { name: 'Switchboard', address: 'nobody@example.org' }],
    ['Our School <nobody@example.org>', { name: 'Our School', address: 'nobody@example.org' }],
    ['"School, Our" <nobody@example.org>', { name: 'School, Our', address: 'nobody@example.org' }],
    ['<nobody@example.org>', { name: 'Switchboard', address: 'nobody@example.org' }],
  ])('takes the sender %s', (raw, from) => {
    expect(read({ ...SMTP, MAIL_FROM: raw }).from).toEqual(from)
  })

  it.each([
    ['https://example.org', 'https://example.org'],
    ['https://example.org/', 'https://example.org'],
    ['http://example.org:8080/switchboard/', 'http://example.org:8080/switchboard'],
  ])('takes the public URL %s', (raw, publicUrl) => {
    expect(read({ PUBLIC_URL: raw }).publicUrl).toBe(publicUrl)
  })

  it.each([
    [{ SMTP_URL: 'localhost:25' }, 'SMTP_URL takes'],
    [{ SMTP_URL: 'http://user:secret@localhost' }, 'SMTP_URL takes'],
    [{ SMTP_URL: 'smtp://localhost' }, 'MAIL_FROM is missing'],
    [{ ...SMTP, MAIL_FROM: 'nobody' }, 'MAIL_FROM takes'],
    [{ ...SMTP, MAIL_FROM: 'a@example.org, b@example.org' }, 'MAIL_FROM takes'],
    [{ PUBLIC_URL: 'example.org' }, 'PUBLIC_URL takes'],
    [{ PUBLIC_URL: 'https://user:secret@example.org' }, 'PUBLIC_URL takes'],
    [{ PUBLIC_URL: 'https://example.org/?a=b' }, 'PUBLIC_URL takes'],
    [{ PUBLIC_URL: 'https://example.org/#a' }, 'PUBLIC_URL takes'],
    [{ PUBLIC_URL: 'ftp://example.org' }, 'PUBLIC_URL takes'],
  ])('does not take %j, says so in one line, and repeats no password', (env, error) => {
    const message = (() => {
      try {
        read(env as Record<string, string>)
      } catch (thrown) {
        return (thrown as Error).message
      }
      throw new Error('taken')
    })()
    expect(message).toContain(error)
    expect(message).not.toMatch(/secret|\n/)
  })

  it('in production sends no mail before it knows where its links lead', () => {
    expect(() => read(SMTP, true)).toThrow('PUBLIC_URL is missing')
    expect(read({ ...SMTP, PUBLIC_URL: 'https://example.org' }, true).smtpUrl).toBe(SMTP.SMTP_URL)
  })
})
