import { createAsk } from '@switchboard/hub/ask'
import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { LIVING_TOKEN, type Relayed } from '@switchboard/protocol/between'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { topicOfToken } from '../src/routes/relayed.ts'
import { connect } from './support/client.ts'
import { Installation, type Process } from './support/installation.ts'

const installation = new Installation({ limits: false, ackPatienceMs: 700 })
let one: Process
let two: Process
let elsewhere: MemoryBroker
beforeAll(async () => {
  one = await installation.start()
  two = await installation.start()
  elsewhere = new MemoryBroker(installation.bus)
})
afterAll(() => installation[Symbol.asyncDispose]())

/** What another service hears of a token's requests. */
async function listening(token: string) {
  const heard: Relayed[] = []
  await elsewhere.subscribe(topicOfToken(token), ({ payload }) => heard.push(JSON.parse(payload.toString())))
  return {
    async next() {
      await expect.poll(() => heard.length).toBeGreaterThan(0)
      return heard.shift()
    },
    drain: () => heard.splice(0),
  }
}

test('each request is told once, whichever process got it and whatever becomes of it', async () => {
  const token = await one.token()
  const heard = await listening(token)
  await one.go(token, '/queued?with=query', { method: 'POST', body: 'waits' })
  await using client = await connect(one.url, token)
  const { request } = await client.next()
  expect(await heard.next()).toEqual({ id: request.id, method: 'POST', path: '/queued', body: 'waits' })
  client.answer(() => [200])
  for (const process of [one, two]) {
    await process.go(token, '/a/b')
    expect(await heard.next()).toMatchObject({ method: 'GET', path: '/a/b', body: '' })
  }
  await one.go(`${token}x`)
  await two.go(token, '', { method: 'DELETE' })
  expect(await heard.next()).toMatchObject({ method: 'DELETE', path: '/' })
  expect(heard.drain()).toEqual([])
})

test('a token that nobody has is told of to nobody', async () => {
  const token = 'abcdefghijklmnopqrstuvwxyz'
  const heard = await listening(token)
  expect((await one.go(token)).status).toBe(404)
  const living = await one.token()
  const other = await listening(living)
  await one.go(living)
  await other.next()
  expect(heard.drain()).toEqual([])
})

test.each([
  ['a text of 500 characters whole', 'é😀'.repeat(250), undefined, 'é😀'.repeat(250)],
  ['501 characters without the last', `${'😀'.repeat(500)}x`, undefined, '😀'.repeat(500)],
  [
    'a long text cut between two characters',
    'x'.repeat(3) + '😀'.repeat(5_000),
    undefined,
    `xxx${'😀'.repeat(497)}`,
  ],
  [
    'a mark of the byte order not at all',
    Buffer.from(`\ufeff${'😀'.repeat(600)}`),
    undefined,
    '😀'.repeat(500),
  ],
  ['a text in its charset', Buffer.from([0xdf, 0xfc]), 'text/plain; charset=iso-8859-1', 'ßü'],
  ['what is no text as what it is not', Buffer.from([0xff, 0x41]), 'application/octet-stream', '\ufffdA'],
])('of a body is told %s', async (_what, body, type, told) => {
  const token = await one.token()
  const heard = await listening(token)
  const headers = type === undefined ? {} : { 'content-type': type }
  await one.go(token, '', { method: 'POST', body, headers })
  expect((await heard.next())?.body).toBe(told)
})

test('other services are told whether a token lives', async () => {
  const asking = createAsk(elsewhere)
  const isLiving = async (token: string) =>
    LIVING_TOKEN.decodeAnswer(await asking.ask(LIVING_TOKEN.topic, JSON.stringify({ token })))
  expect(await isLiving(await one.token())).toEqual({ ok: true, value: { living: true } })
  for (const token of ['abcdefghijklmnopqrstuvwxyz', '', '\u0000', "'"])
    expect(await isLiving(token)).toEqual({ ok: true, value: { living: false } })
  asking.close()
})
