import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { LINKS_CHANGED } from '@switchboard/protocol/between'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Incoming } from '../src/domain/incoming.ts'
import { createTeller, type Teller, topicOfToken } from '../src/routes/relayed.ts'

const TOKEN = 'abcdefghijklmnopqrstuvwxyz'

let bus: MemoryBus
let relay: MemoryBroker
let elsewhere: MemoryBroker
let teller: Teller
beforeEach(async () => {
  bus = new MemoryBus()
  relay = new MemoryBroker(bus)
  elsewhere = new MemoryBroker(bus)
  teller = await createTeller(relay)
})
afterEach(() => teller.close())

const turn = () => new Promise((resolve) => setImmediate(resolve))

let requests = 0
/** A request comes, and all that follows from it has happened. */
async function request(): Promise<void> {
  const incoming: Incoming = {
    id: `${++requests}`,
    method: 'GET',
    url: '/',
    headers: {},
    receivedAt: 0,
    body: undefined,
  }
  teller.tell(TOKEN, incoming)
  for (let i = 0; i < 3; i++) await turn()
}

async function listen(): Promise<string[]> {
  const heard: string[] = []
  await elsewhere.subscribe(topicOfToken(TOKEN), ({ payload }) => heard.push(JSON.parse(`${payload}`).id))
  return heard
}

test('where nobody listens it is told once that somebody could have, and then no more', async () => {
  for (let i = 0; i < 5; i++) await request()
  expect(relay.stats.published).toBe(1)
})

test('where somebody listens every request is told', async () => {
  const heard = await listen()
  for (let i = 0; i < 5; i++) await request()
  expect(heard).toHaveLength(5)
})

test('whoever begins to listen hears the next request', async () => {
  await request()
  await request()
  const heard = await listen()
  elsewhere.publish({ topic: LINKS_CHANGED, payload: Buffer.alloc(0) })
  await turn()
  await request()
  expect(heard).toEqual([`${requests}`])
})

test('what changed while it was asked who listens counts', async () => {
  teller.tell(TOKEN, { id: 'x', method: 'GET', url: '/', headers: {}, receivedAt: 0, body: undefined })
  await turn()
  elsewhere.publish({ topic: LINKS_CHANGED, payload: Buffer.alloc(0) })
  const heard = await listen()
  await turn()
  await request()
  expect(heard).toContain(`${requests}`)
})

test('where it cannot be asked who listens every request is told', async () => {
  bus.down()
  for (let i = 0; i < 3; i++) await request()
  expect(relay.stats.published).toBe(3)
})
