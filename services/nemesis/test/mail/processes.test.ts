import { fileURLToPath } from 'node:url'
import { livePostgres } from '@switchboard/testing/postgres'
import { start } from '@switchboard/testing/process'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHouse, request, SECRET } from '../support/house.ts'
import { mailServer } from '../support/smtp.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

describe.skipIf(!findServer('postgres'))('processes on one database', () => {
  let postgres: Awaited<ReturnType<typeof livePostgres>>
  beforeAll(async () => {
    postgres = await livePostgres()
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  async function ground(stack: AsyncDisposableStack) {
    const url = await postgres.createDatabase()
    const [house, server, dir] = await Promise.all([openHouse({ url }), mailServer(), tempDir()])
    for (const one of [house, server, dir]) stack.use(one)
    await house.add({ userid: 'ada', email: 'ada@example.org', roles: [], colleges: ['college-1'] })
    const env = {
      DATABASE_URL: url,
      DATA_DIR: dir.path,
      JWT_SECRET: SECRET,
      SMTP_URL: server.url,
      MAIL_FROM: 'nobody@school.example',
      LOG_LEVEL: 'trace',
    }
    const launch = async () => stack.use(await start(MAIN, env))
    const forget = (at: string) =>
      request(`${at}/reset_password`, { method: 'POST', body: new URLSearchParams({ username: 'ada' }) })
    return { house, server, launch, forget }
  }

  it('lose no mail that one of them had queued, or was sending, when it was killed', async () => {
    await using stack = new AsyncDisposableStack()
    const { house, server, launch, forget } = await ground(stack)
    server.behave({ silent: true })
    const killed = await launch()
    expect((await forget(killed.url)).status).toBe(200)
    // It is sending now, to a server that says nothing.
    await server.connected()
    await killed.stop('SIGKILL')
    expect(await house.storage.outbox.waiting()).toBe(1)

    server.behave({})
    const other = await launch()
    // Nobody touches it before the dead one's lease is over.
    expect(await house.storage.outbox.claim(1, 0)).toEqual([])
    await house.rows('UPDATE nemesis.mail SET due = now()')
    const { path } = await server.next()
    const done = await request(`${other.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ password: 'battery staple' }),
    })
    expect(done).toMatchObject({ status: 200, body: { userid: 'ada' } })
    await expect.poll(() => house.storage.outbox.waiting()).toBe(0)

    expect(await other.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    // Codes, addresses and what mails say reach no log, however much of it is wanted.
    const log = `${killed.output()}${other.output()}`
    expect(log).toContain('mails go to SMTP_URL')
    expect(log).toContain('/reset_password/:userid/:code')
    expect(log).not.toContain(path.split('/').at(-1))
    expect(log).not.toMatch(/@example\.org|battery|Choose a new password/)
  }, 60_000)

  it('send nothing twice where one of them is stopped while it sends', async () => {
    await using stack = new AsyncDisposableStack()
    const { house, server, launch, forget } = await ground(stack)
    let release = () => {}
    server.behave({
      answersAfter: new Promise((resolve) => {
        release = resolve
      }),
    })
    const stopped = await launch()
    await forget(stopped.url)
    const { email } = await server.next()
    server.behave({})
    // Before the stop, which waits for the mail server some seconds only.
    const other = await launch()
    const end = stopped.stop('SIGTERM')
    const listens = () => fetch(`${stopped.url}/healthz`).then(Boolean, () => false)
    await expect.poll(listens).toBe(false)
    release()
    expect(await end).toEqual({ code: 0, signal: null })
    expect(await house.storage.outbox.waiting()).toBe(0)
    await forget(other.url)
    expect((await server.next()).email.messageId).not.toBe(email.messageId)
  }, 60_000)
})
