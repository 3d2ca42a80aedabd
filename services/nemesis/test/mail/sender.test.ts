import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { fileTransport } from '../../src/mail/files.ts'
import { createOutbox, type Outbox } from '../../src/mail/outbox.ts'
import { createSeal } from '../../src/mail/seal.ts'
import { backoffMs, type Sender, startSender } from '../../src/mail/sender.ts'
import { smtpTransport } from '../../src/mail/smtp.ts'
import { openTemplates } from '../../src/mail/templates.ts'
import type { Transport } from '../../src/mail/transport.ts'
import { openStore } from '../../src/store/client.ts'
import { mails } from '../../src/store/mails.ts'
import { type House, openHouse } from '../support/house.ts'
import { type MailServer, mailServer } from '../support/smtp.ts'

const FROM = { name: 'Our School', address: 'nobody@school.example' }
const PATH = '/reset_password/somebody/code4711'

let house: House
let server: MailServer
beforeAll(async () => {
  ;[house, server] = await Promise.all([openHouse(), mailServer()])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
beforeEach(async () => {
  server.behave({})
  await house.rows('TRUNCATE nemesis.mail')
})

const put = (userid: string, outbox: Outbox = house.storage.outbox) =>
  outbox.put({
    kind: 'reset',
    userid,
    content: {
      to: { name: userid, address: `${userid}@example.org` },
      template: 'reset',
      fields: { first_name: '{link} {userid}', userid, days: '2' },
      path: PATH,
    },
  })

interface Told {
  level: string
  fields: Record<string, unknown>
}

/** A process' sender, and what it logs. */
function send({ outbox = house.storage.outbox, transport }: { outbox?: Outbox; transport?: Transport } = {}) {
  const told: Told[] = []
  const log = {
    warn: (fields: Told['fields']) => told.push({ level: 'warn', fields }),
    error: (fields: Told['fields']) => told.push({ level: 'error', fields }),
  }
  const sender = startSender({
    outbox,
    transport: transport ?? smtpTransport({ url: server.url, from: FROM }),
    log: log as never,
    pollMs: 50,
    closePatienceMs: 500,
  })
  onTestFinished(() => sender.close())
  return { sender, told }
}

const waiting = () => house.storage.outbox.waiting()
const isEmpty = () => expect.poll(waiting).toBe(0)
const hasFailed = (sender: Sender, times = 1) => expect.poll(() => sender.stats().failed).toBe(times)
/** The time has come for whatever waits. */
const makeDue = () => house.rows('UPDATE nemesis.mail SET due = now() WHERE due IS NOT NULL')

describe('a mail in the outbox', () => {
  it('is sent, and then gone', async () => {
    const { sender } = send()
    await put('ada')
    const { email, path } = await server.next()
    expect([email.subject, path]).toEqual(['Choose a new password', PATH])
    // What looks like a field in a value is text.
    expect(email.text).toContain('Hello {link} {userid},')
    await isEmpty()
    expect(sender.stats()).toMatchObject({ sent: 1, failed: 0, givenUp: 0 })
  })

  it('is in the database as what nobody can read', async () => {
    await put('ada')
    const [row] = await house.rows('SELECT sealed FROM nemesis.mail')
    const bytes = Buffer.from(row?.['sealed'] as Uint8Array).toString('latin1')
    for (const hidden of ['ada@example.org', '4711', 'template']) expect(bytes).not.toContain(hidden)
  })

  it('is sent once, however many processes look for it', async () => {
    for (let i = 0; i < 30; i++) await put(`person${i}`)
    const senders = [send(), send(), send()]
    const received = await Promise.all(Array.from({ length: 30 }, () => server.next()))
    expect(new Set(received.map(({ to }) => to[0])).size).toBe(30)
    await isEmpty()
    expect(senders.reduce((sum, { sender }) => sum + sender.stats().sent, 0)).toBe(30)
  })

  it('waits for a server that is not there, and is sent when it is back', async () => {
    await server.kill()
    const { sender, told } = send()
    await put('ada')
    await hasFailed(sender)
    expect(await waiting()).toBe(1)
    await server.start()
    await makeDue()
    expect((await server.next()).to).toEqual(['ada@example.org'])
    await isEmpty()
    expect(told).toMatchObject([{ level: 'warn', fields: { kind: 'reset', userid: 'ada', attempt: 1 } }])
  })

  it('is sent by another where the server was killed while it had it', async () => {
    const { sender } = send()
    server.behave({ silent: true })
    await put('ada')
    await server.connected()
    await server.kill()
    await hasFailed(sender)
    server.behave({})
    await server.start()
    await makeDue()
    expect((await server.next()).to).toEqual(['ada@example.org'])
    await isEmpty()
  })

  it('comes again with the same id where the server died before it said that it had it', async () => {
    const { sender } = send()
    server.behave({ dies: true })
    await put('ada')
    const lost = await server.next()
    await hasFailed(sender)
    server.behave({})
    await makeDue()
    expect((await server.next()).email.messageId).toBe(lost.email.messageId)
    await isEmpty()
  })

  it('that the server puts off is tried again; one that it refuses is given up, and nothing of it is kept', async () => {
    const { sender, told } = send()
    server.behave({ refuse: 450 })
    await put('later')
    await hasFailed(sender)
    server.behave({ refuse: 550 })
    await put('never')
    await expect.poll(() => sender.stats().givenUp).toBe(1)
    expect(
      await house.rows(
        'SELECT userid_key, sealed IS NULL AS gone, due > now() AS waits, problem FROM nemesis.mail ORDER BY created',
      ),
    ).toEqual([
      { userid_key: 'later', gone: false, waits: true, problem: 'RCPT TO 450' },
      { userid_key: 'never', gone: true, waits: null, problem: 'RCPT TO 550' },
    ])
    expect(told.map(({ level }) => level)).toEqual(['warn', 'error'])
    expect(JSON.stringify(told)).not.toMatch(/@example\.org|4711/)
  })

  it('is given up after five days', async () => {
    const { sender } = send()
    server.behave({ refuse: 450 })
    await put('ada')
    await hasFailed(sender)
    await house.rows("UPDATE nemesis.mail SET due = now(), created = now() - interval '5 days'")
    await expect.poll(() => sender.stats().givenUp).toBe(1)
  })

  it('holds up no other while its server says nothing', async () => {
    let release = () => {}
    const answersAfter = new Promise<void>((resolve) => {
      release = resolve
    })
    send()
    server.behave({ answersAfter })
    await put('slow')
    await server.next()
    server.behave({})
    await put('quick')
    expect((await server.next()).to).toEqual(['quick@example.org'])
    await expect.poll(waiting).toBe(1)
    release()
    await isEmpty()
  })

  it('of a process that died while it sent is somebody else’s when the lease is over', async () => {
    await put('ada')
    expect(await house.storage.outbox.claim(10, 60_000)).toHaveLength(1)
    const { sender } = send()
    await put('grace')
    expect((await server.next()).to).toEqual(['grace@example.org'])
    await expect.poll(() => sender.stats().waiting).toBe(1)
    await makeDue()
    expect((await server.next()).to).toEqual(['ada@example.org'])
    await isEmpty()
  })

  it('that somebody else took over is not put off by whoever had it before', async () => {
    const { outbox } = house.storage
    await put('ada')
    const [first] = await outbox.claim(1, 0)
    const [second] = await outbox.claim(1, 60_000)
    if (!first || !second) throw new Error('not claimed')
    await outbox.retry(first, 0, 'late')
    await outbox.giveUp(first, 'late')
    expect(await outbox.claim(1, 60_000)).toEqual([])
    expect(await waiting()).toBe(1)
    expect([first.attempt, second.attempt]).toEqual([1, 2])
  })

  it('is sent once where the database is away when the server took it', async () => {
    let away = 2
    const outbox: Outbox = {
      ...house.storage.outbox,
      async sent(id) {
        if (away-- > 0) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
        await house.storage.outbox.sent(id)
      },
    }
    const { sender, told } = send({ outbox })
    await put('ada')
    await server.next()
    await expect.poll(() => sender.stats().sent).toBe(1)
    // Its lease is over while nobody could say that it was sent.
    await makeDue()
    await isEmpty()
    expect(sender.stats().sent).toBe(1)
    expect(told).toEqual([])
  })

  it('waits where its file cannot be written', async () => {
    // A file cannot be a folder.
    const { sender, told } = send({ transport: fileTransport({ folder: '/dev/null/mail', from: FROM }) })
    await put('ada')
    await hasFailed(sender)
    expect(await waiting()).toBe(1)
    expect(told).toMatchObject([{ level: 'warn', fields: { problem: 'ENOTDIR' } }])
  })

  it('that was sealed with a secret that is gone is given up; with one that is kept it is sent', async () => {
    const db = openStore(house.database.adapter('nemesis'))
    onTestFinished(() => db.$disconnect())
    const old = 'an-old-secret-of-thirty-two-bytes-or-more'
    const next = 'the-next-secret-of-thirty-two-bytes-or-more'
    const outboxOf = (...secrets: string[]) =>
      createOutbox({
        mails: mails(db),
        seal: createSeal(secrets),
        templates: openTemplates(),
        origin: () => 'http://service.example',
      })
    await put('kept', outboxOf(old))
    const rotated = send({ outbox: outboxOf(next, old) })
    expect((await server.next()).to).toEqual(['kept@example.org'])
    await isEmpty()
    await rotated.sender.close()
    await put('lost', outboxOf(old))
    const { sender } = send({ outbox: outboxOf(next) })
    await expect.poll(() => sender.stats().givenUp).toBe(1)
  })
})

describe('a stop', () => {
  it('waits for the server’s word on what is on its way, and begins nothing more', async () => {
    let release = () => {}
    server.behave({
      answersAfter: new Promise((resolve) => {
        release = resolve
      }),
    })
    const { sender } = send()
    await put('ada')
    await server.next()
    const closed = sender.close()
    await put('grace')
    release()
    await closed
    expect(sender.stats().sent).toBe(1)
    const left = await house.rows('SELECT userid_key, attempts FROM nemesis.mail')
    expect(left).toEqual([{ userid_key: 'grace', attempts: 0 }])
  })

  it('ends although the server says nothing; the mail is due at once for somebody else', async () => {
    server.behave({ silent: true })
    const { sender, told } = send()
    await put('ada')
    await server.connected()
    await sender.close()
    expect(await house.storage.outbox.claim(1, 60_000)).toMatchObject([{ attempt: 2 }])
    expect(told).toEqual([])
  })
})

it('tries are 10 s apart, then twice as long each time, an hour at most', () => {
  expect([1, 2, 3, 9, 10, 40].map(backoffMs)).toEqual([
    10_000, 20_000, 40_000, 2_560_000, 3_600_000, 3_600_000,
  ])
})
