import { expect, test } from 'vitest'
import { Deadlines } from '../../src/domain/deadlines.ts'
import type { Link, Peers, Slots } from '../../src/domain/ports.ts'
import { Relay } from '../../src/domain/relay.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeQueue, request } from '../support/fake-queue.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Processes that hear each other at once. */
class Processes {
  readonly #queue = new FakeQueue()
  readonly #relays = new Map<string, Relay>()
  #holder: string | undefined

  add(process: string): { relay: Relay; queue: FakeQueue } {
    const queue = new FakeQueue(this.#queue)
    const clock = new FakeClock()
    const slots: Slots = {
      take: async (_token, connection) => {
        const displaced = this.#holder
        this.#holder = connection
        return displaced === undefined ? {} : { displaced }
      },
      keep: async (_token, connection) => this.#holder === connection,
      holder: async () => this.#holder,
      release: async (_token, connection) => {
        if (this.#holder === connection) this.#holder = undefined
      },
    }
    const of = (connection: string) => this.#relays.get(connection.split('.')[0] ?? '')
    const peers: Peers = {
      forward: async (to, token, incoming) => this.#relays.get(to)?.receive(token, incoming),
      displace: async (connection) => of(connection)?.displace(connection),
      wake: (to, token) => this.#relays.get(to)?.wake(token),
    }
    const relay = new Relay({
      process,
      tokens: { find: async () => Number.POSITIVE_INFINITY },
      queue,
      slots,
      peers,
      clock,
      deadlines: new Deadlines(clock, 5_000),
      onError: (error) => expect.unreachable(String(error)),
    })
    this.#relays.set(process, relay)
    return { relay, queue }
  }
}

/** A client that is given requests and acknowledges none. */
function client() {
  const paths: string[] = []
  const link: Link = {
    isFull: false,
    write(event, { written }) {
      paths.push((JSON.parse(event) as { path: string }).path)
      written()
    },
    room: () => Promise.resolve(),
    close: () => {},
  }
  return { paths, link }
}

test('a client begins with what the displaced one left, however long that takes to get into the queue', async () => {
  const processes = new Processes()
  const { relay: one, queue } = processes.add('one')
  const [two, three] = [processes.add('two').relay, processes.add('three').relay]
  const [a, c] = [client(), client()]
  ;(await one.join('t'))?.start(a.link)
  await settled()
  void one.forward('t', request('/1'))
  void two.forward('t', request('/2'))
  await settled()
  expect(a.paths).toEqual(['/1', '/2'])

  const gate = Promise.withResolvers<void>()
  queue.appendGate = gate.promise
  // The second one never gets to begin.
  const second = two.join('t')
  await settled()
  const third = three.join('t').then((lane) => lane?.start(c.link))
  for (const [index, relay] of [one, two, three].entries()) void relay.forward('t', request(`/new${index}`))
  await settled()
  expect(c.paths).toEqual([])
  gate.resolve()
  await Promise.all([second, third])
  while (c.paths.length < 2) await settled()
  expect(c.paths.slice(0, 2)).toEqual(['/1', '/2'])
})

test('a client that comes where another one has just gone begins with what that one left', async () => {
  const processes = new Processes()
  const { relay: one, queue } = processes.add('one')
  const two = processes.add('two').relay
  const [a, b] = [client(), client()]
  const lane = await one.join('t')
  lane?.start(a.link)
  await settled()
  void one.forward('t', request('/1'))
  await settled()
  const gate = Promise.withResolvers<void>()
  queue.appendGate = gate.promise
  const left = lane && one.leave(lane)
  const joined = two.join('t').then((next) => next?.start(b.link))
  void two.forward('t', request('/2'))
  await settled()
  expect(b.paths).toEqual([])
  gate.resolve()
  await Promise.all([left, joined])
  while (b.paths.length < 1) await settled()
  expect(b.paths[0]).toBe('/1')
})
