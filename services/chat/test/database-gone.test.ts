import { setTimeout as wait } from 'node:timers/promises'
import { openDatabase } from '@switchboard/kit/database'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { Refused } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../src/store/client.ts'
import { failure, get, post } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { join, type Message, type Person, signUp } from './support/people.ts'

let postgres: LivePostgres
let databaseUrl: string
let installation: Installation
let url: string
let wsUrl: string
let alice: Person
let bob: Person
beforeAll(async () => {
  postgres = await livePostgres()
  databaseUrl = await postgres.createDatabase()
  installation = await install({ database: databaseUrl, limits: 'off' })
  url = installation.first.url
  wsUrl = installation.first.wsUrl
  alice = await signUp(url, 'alice')
  bob = await signUp(url, 'bob')
})
afterAll(async () => {
  await installation?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

async function textsOf(room: string): Promise<string[]> {
  const { data } = await get<{ id: string }>(`${url}/api/v1/rooms/${room}`)
  const messages = await get<Message[]>(`${url}/api/v1/messages?room_id=${data.id}&count=200`)
  return messages.data.map(({ text }) => text)
}

describe('while PostgreSQL is gone', () => {
  it('every endpoint that needs it answers 503 UNAVAILABLE, and the process says that it is not ready', async () => {
    await using _member = await join(wsUrl, 'gone', alice)
    const room = await get<{ id: string }>(`${url}/api/v1/rooms/gone`)
    await postgres.stop()
    try {
      const credentials = { username: 'alice', secret: 'secret of alice' }
      const answers = await Promise.all([
        post(`${url}/api/v1/users`, { username: 'new', secret: 'x' }),
        post(`${url}/api/v1/login`, credentials),
        get(`${url}/api/v1/users/${alice.id}`),
        get(`${url}/api/v1/rooms/gone`),
        get(`${url}/api/v1/rooms/gone/users`),
        get(`${url}/api/v1/messages?room_id=${room.data.id}`),
        get(`${url}/api/v1/messages?user_id=${alice.id}`, alice.token),
        get(`${url}/api/v1/messages/00000000-0000-4000-8000-000000000000`),
      ])
      for (const answer of answers) expect(answer).toMatchObject(failure(503, 'UNAVAILABLE'))
      for (const joining of [join(wsUrl, 'gone', bob), join(wsUrl, 'never-seen')]) {
        const refusal = (await joining.catch((error) => error)) as Refused
        expect(refusal).toBeInstanceOf(Refused)
        expect(refusal.status).toBe(503)
        expect(JSON.parse(refusal.body)).toMatchObject({ error: { type: 'UNAVAILABLE' }, data: null })
      }
      // A guest has nothing to look up in a room that the process follows.
      await using guest = await join(wsUrl, 'gone')
      expect(guest.client.ws.readyState).toBe(1)
      expect((await fetch(`${url}/readyz`)).status).toBe(503)
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
    } finally {
      await postgres.start()
    }
    expect(await get(`${url}/api/v1/rooms/gone`)).toMatchObject({ status: 200 })
  })

  it('a message waits, and is stored and delivered once when it is back', async () => {
    await using a = await join(wsUrl, 'waits', alice)
    await using b = await join(wsUrl, 'waits', bob)
    a.say('before')
    expect(await b.hearTexts(1)).toEqual(['before'])
    await postgres.stop()
    a.say('meanwhile 1')
    b.say('meanwhile 2')
    a.say('meanwhile 3')
    await Promise.all([a.client.roundTrip(), b.client.roundTrip()])
    await postgres.start()
    const heard = await b.hearTexts(3)
    expect(heard.toSorted()).toEqual(['meanwhile 1', 'meanwhile 2', 'meanwhile 3'])
    expect(await a.hearTexts(4)).toEqual(['before', ...heard])
    expect(await textsOf('waits')).toEqual(['before', ...heard])
  })

  it('more than 1 MiB of one sender closes its connection with 1013 at once, undelivered', async () => {
    await using a = await join(wsUrl, 'mebibyte', alice)
    await using b = await join(wsUrl, 'mebibyte', bob)
    await postgres.stop()
    const start = performance.now()
    for (let i = 0; i < 400; i++) a.say('x'.repeat(4096))
    b.say('little')
    expect(await a.closed).toEqual({ code: 1013, reason: 'NOT_STORED' })
    expect(performance.now() - start).toBeLessThan(9000)
    await postgres.start()
    expect(await b.hearTexts(1)).toEqual(['little'])
    expect(await textsOf('mebibyte')).toEqual(['little'])
  })

  it('for 10 s, what a sender said is undelivered, also later, and its connection is closed with 1013', async () => {
    await using a = await join(wsUrl, 'ten-seconds', alice)
    await using guest = await join(wsUrl, 'ten-seconds')
    a.say('before')
    expect(await guest.hearTexts(1)).toEqual(['before'])
    await postgres.stop()
    const start = performance.now()
    a.say('lost')
    expect(await a.closed).toEqual({ code: 1013, reason: 'NOT_STORED' })
    const waited = performance.now() - start
    expect(waited).toBeGreaterThan(9900)
    expect(waited).toBeLessThan(15_000)
    await postgres.start()
    await using back = await join(wsUrl, 'ten-seconds', alice)
    back.say('after')
    expect(await guest.hearTexts(1)).toEqual(['after'])
    expect(await textsOf('ten-seconds')).toEqual(['before', 'after'])
  }, 60_000)

  it('also where it hangs: a write that it gets to too late stores nothing', async () => {
    await using other = await openDatabase({ url: databaseUrl, directory: '' })
    await using a = await join(wsUrl, 'hanging', alice)
    await using guest = await join(wsUrl, 'hanging')
    await other.transaction(async (session) => {
      await session.query(`SELECT * FROM chat.room WHERE name = 'hanging' FOR UPDATE`)
      a.say('too late')
      expect(await a.closed).toEqual({ code: 1013, reason: 'NOT_STORED' })
      await wait(500)
    })
    await using back = await join(wsUrl, 'hanging', alice)
    back.say('after')
    expect(await guest.hearTexts(1)).toEqual(['after'])
    expect(await textsOf('hanging')).toEqual(['after'])
  }, 60_000)

  it('who asks for what was missed is closed with 1013, and may come back', async () => {
    const other = await openDatabase({ url: databaseUrl, directory: '' })
    await using member = await join(wsUrl, 'missed', alice)
    member.say('one', 'two')
    const [one] = await member.hear(2)
    const locked = Promise.withResolvers<void>()
    const holding = createClient(other.adapter('chat')).$transaction(async (transaction) => {
      await transaction.$executeRawUnsafe('LOCK TABLE chat.message IN ACCESS EXCLUSIVE MODE')
      locked.resolve()
      await transaction.$executeRawUnsafe('SELECT pg_sleep(60)')
    })
    const broken = expect(holding).rejects.toThrow()
    await locked.promise
    await using back = await join(wsUrl, 'missed', { ...bob, after: one?.id ?? '' })
    await postgres.stop()
    try {
      expect(await back.closed).toEqual({ code: 1013, reason: 'UNAVAILABLE' })
      await broken
    } finally {
      await other[Symbol.asyncDispose]()
      await postgres.start()
    }
    await using again = await join(wsUrl, 'missed', { ...bob, after: one?.id ?? '' })
    expect(await again.hearTexts(1)).toEqual(['two'])
  }, 60_000)
})
