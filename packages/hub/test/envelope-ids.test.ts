import type { Envelope } from '@switchboard/protocol/bus'
import { afterAll, expect, it } from 'vitest'
import { MemoryBroker, MemoryBus } from '../src/broker-memory.ts'
import { Hub } from '../src/hub.ts'

const bus = new MemoryBus()
const brokers = [new MemoryBroker(bus), new MemoryBroker(bus), new MemoryBroker(bus)] as const
afterAll(() => Promise.all(brokers.map((broker) => broker.close())))

const hubOn = (broker: MemoryBroker) =>
  new Hub<undefined>({ broker, message() {}, closed() {}, onError() {} })

it('what hubs publish to a topic can be told apart, and is the same to everyone who hears it', async () => {
  const [one, two, three] = brokers
  const heard = { here: [] as Envelope[], elsewhere: [] as Envelope[] }
  await one.subscribe('room', (envelope) => heard.here.push(envelope))
  await three.subscribe('room', (envelope) => heard.elsewhere.push(envelope))
  const hubs = [hubOn(one), hubOn(two)]
  for (let i = 0; i < 3; i++) for (const hub of hubs) hub.publish('room', 'the same text')
  await expect.poll(() => heard.elsewhere.length).toBe(6)
  const ids = heard.elsewhere.map(({ id }) => id)
  expect(new Set(ids).size).toBe(6)
  expect(ids).not.toContain(undefined)
  expect(heard.here.map(({ id }) => id).sort()).toEqual(ids.toSorted())
})
