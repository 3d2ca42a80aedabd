import { afterEach, describe, expect, it } from 'vitest'
import type { Broker, Listener, Unsubscribe } from '../src/broker.ts'
import { MemoryBroker, MemoryBus } from '../src/broker-memory.ts'
import { type Server, serve, turn, until } from './server.ts'

/** A broker whose subscriptions the test answers. */
class SlowBroker extends MemoryBroker implements Broker {
  readonly asked: { topic: string; grant: () => void; refuse: () => void }[] = []
  readonly subscribed: string[] = []

  override subscribe(topic: string, listener: Listener): Promise<Unsubscribe> {
    return new Promise((resolve, reject) => {
      const grant = () => {
        this.subscribed.push(topic)
        super.subscribe(topic, listener).then((end) => {
          resolve(() => {
            this.subscribed.splice(this.subscribed.indexOf(topic), 1)
            end()
          })
        }, reject)
      }
      this.asked.push({ topic, grant, refuse: () => reject(new Error('the bus is away')) })
    })
  }

  /** Answers the only subscription that is asked for. */
  answer(how: 'grant' | 'refuse' = 'grant'): void {
    expect(this.asked).toHaveLength(1)
    this.asked.splice(0)[0]?.[how]()
  }
}

let servers: Server[] = []
afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  servers = []
})

async function start(broker: Broker): Promise<Server> {
  const server = await serve({ broker })
  servers.push(server)
  return server
}

async function slow() {
  const broker = new SlowBroker(new MemoryBus())
  const server = await start(broker)
  const { client, connection } = await server.connect()
  const members = () => [...server.hub.members('t')]
  return { broker, server, client, connection, members, hub: server.hub }
}

describe('topics', () => {
  it('subscribe once for the first member, and unsubscribe after the last', async () => {
    const { broker, server, hub, connection } = await slow()
    const other = await server.connect()
    const both = Promise.all([hub.enter(connection, 't'), hub.enter(other.connection, 't')])
    broker.answer()
    await both
    await hub.enter(connection, 't')
    expect(broker.subscribed).toEqual(['t'])
    expect([...connection.topics]).toEqual(['t'])
    hub.leave(connection, 't')
    hub.leave(connection, 't')
    expect(broker.subscribed).toEqual(['t'])
    other.client.ws.terminate()
    await until(() => broker.subscribed.length === 0, 'the unsubscription')
    expect([...connection.topics]).toEqual([])
  })

  it('have no member that left before the subscription came', async () => {
    const { broker, hub, connection, members } = await slow()
    const entering = hub.enter(connection, 't')
    hub.leave(connection, 't')
    broker.answer()
    await entering
    expect(members()).toEqual([])
    expect(broker.subscribed).toEqual([])
  })

  it('have a member that left and entered again before the subscription came', async () => {
    const { broker, hub, connection, members } = await slow()
    const first = hub.enter(connection, 't')
    hub.leave(connection, 't')
    const second = hub.enter(connection, 't')
    broker.answer()
    await Promise.all([first, second])
    expect(members()).toEqual([connection])
    hub.leave(connection, 't')
    expect(broker.subscribed).toEqual([])
  })

  it('have no member whose connection closed before the subscription came', async () => {
    const { broker, server, hub, client, connection, members } = await slow()
    const entering = hub.enter(connection, 't')
    client.ws.terminate()
    await until(() => server.closed.length === 1, 'the handler of closed')
    broker.answer()
    await entering
    expect(members()).toEqual([])
    expect(broker.subscribed).toEqual([])
    await hub.enter(connection, 't')
    expect(broker.asked).toEqual([])
  })

  it('tell who enters that the bus is away, and can be entered when it is back', async () => {
    const { broker, hub, connection, members } = await slow()
    const refused = expect(hub.enter(connection, 't')).rejects.toThrow('the bus is away')
    broker.answer('refuse')
    await refused
    expect(members()).toEqual([])
    const entering = hub.enter(connection, 't')
    broker.answer()
    await entering
    expect(members()).toEqual([connection])
  })

  it('are entered and left by many at once, and end as the last calls say', async () => {
    const { broker, server, hub } = await slow()
    const pairs = await Promise.all(Array.from({ length: 10 }, () => server.connect()))
    const pending: Promise<void>[] = []
    for (let round = 0; round < 20; round++)
      for (const [i, { connection }] of pairs.entries()) {
        if ((round + i) % 3 === 0) hub.leave(connection, 't')
        else pending.push(hub.enter(connection, 't'))
        if (round % 5 === 4) for (const { grant } of broker.asked.splice(0)) grant()
        if (i % 4 === 0) await Promise.resolve()
      }
    for (const { grant } of broker.asked.splice(0)) grant()
    await Promise.all(pending)
    const wanted = pairs.filter((_, i) => (19 + i) % 3 !== 0).map(({ connection }) => connection.id)
    expect([...hub.members('t')].map(({ id }) => id).sort()).toEqual(wanted.sort())
    expect(broker.subscribed).toEqual(['t'])
    for (const { connection } of pairs) hub.leave(connection, 't')
    expect(broker.subscribed).toEqual([])
  })

  it('cross processes: everyone gets what any process publishes, once, in the order of that process', async () => {
    const bus = new MemoryBus()
    const here = await start(new MemoryBroker(bus, 'here'))
    const there = await start(new MemoryBroker(bus, 'there'))
    const members = [...(await here.connectAll(2, 't')), ...(await there.connectAll(2, 't'))]
    const except = members[3]?.connection.id ?? ''
    expect(except).toMatch(/^there\.\d+$/)
    for (let i = 0; i < 50; i++) here.hub.publish('t', `${i}`, i === 25 ? { except } : {})
    here.hub.publish('t', 'end')
    const all = [...Array.from({ length: 50 }, (_, i) => `${i}`), 'end']
    for (const { client, connection } of members)
      expect(await client.until((text) => text === 'end')).toEqual(
        connection.id === except ? all.filter((text) => text !== '25') : all,
      )
    here.hub.deliver('t', 'local')
    expect(await members[0]?.client.next()).toBe('local')
    await turn()
    there.hub.publish('t', 'both')
    expect(await members[2]?.client.next()).toBe('both')
  })

  it('hand their envelopes to the service that asks for them', async () => {
    const got: unknown[] = []
    const server = await serve({
      onEnvelope: (envelope) => {
        got.push(envelope)
        server.hub.deliver(envelope.topic, `${envelope.seq}: ${envelope.payload}`)
      },
    })
    servers.push(server)
    const [member] = await server.connectAll(1, 't')
    server.hub.publish('t', 'x', { seq: 7, except: 'someone' })
    expect(got).toEqual([
      { topic: 't', seq: 7, except: 'someone', id: expect.any(String), payload: Buffer.from('x') },
    ])
    expect(await member?.client.next()).toBe('7: x')
  })

  it('may have the names of prototypes', async () => {
    const server = await start(new MemoryBroker(new MemoryBus()))
    const { client, connection } = await server.connect()
    for (const topic of ['__proto__', 'constructor', 'hasOwnProperty']) {
      expect([...server.hub.members(topic)]).toEqual([])
      await server.hub.enter(connection, topic)
      server.hub.publish(topic, topic)
      expect(await client.next()).toBe(topic)
    }
    expect([...connection.topics]).toEqual(['__proto__', 'constructor', 'hasOwnProperty'])
  })
})

describe('ids', () => {
  it('are made of the process and a number, and never given twice', async () => {
    const server = await start(new MemoryBroker(new MemoryBus(), 'p1'))
    expect(server.hub.nextId()).toBe('p1.1')
    const { connection } = await server.connect()
    expect(connection.id).toBe('p1.2')
    expect(server.hub.connection('p1.2')).toBe(connection)
    expect(server.hub.connection('p1.1')).toBeUndefined()
  })

  it('are never the same in two hubs of one process', async () => {
    const broker = new MemoryBroker(new MemoryBus(), 'p1')
    const hubs = [(await start(broker)).hub, (await start(broker)).hub]
    expect(hubs.flatMap((hub) => [hub.nextId(), hub.nextId()])).toEqual(['p1.1', 'p1.2', 'p1.3', 'p1.4'])
  })

  it('can be subscribed before there is a connection, which then enters at once', async () => {
    const { broker, hub, connection, members } = await slow()
    const preparing = hub.prepare('t')
    broker.answer()
    const release = await preparing
    expect(broker.subscribed).toEqual(['t'])
    void hub.enter(connection, 't')
    expect(members()).toEqual([connection])
    release()
    release()
    expect(broker.subscribed).toEqual(['t'])
    hub.leave(connection, 't')
    expect(broker.subscribed).toEqual([])
  })

  it('that are prepared for nobody are let go', async () => {
    const { broker, hub } = await slow()
    const preparing = Promise.all([hub.prepare('t'), hub.prepare('t')])
    broker.answer()
    const [one, two] = await preparing
    one()
    expect(broker.subscribed).toEqual(['t'])
    two()
    expect(broker.subscribed).toEqual([])
    const refused = hub.prepare('t')
    broker.answer('refuse')
    await expect(refused).rejects.toThrow('the bus is away')
  })
})
