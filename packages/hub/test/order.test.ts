import type { Client } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../src/connection.ts'
import { FakeClock } from './fake-clock.ts'
import { type Server, serve, turn } from './server.ts'

const CLIENTS = 4
const TOPICS = ['a', 'b', '__proto__']

const client = fc.nat({ max: CLIENTS - 1 })
const topic = fc.constantFrom(...TOPICS)

type Step =
  | { do: 'enter' | 'leave'; client: number; topic: string }
  | { do: 'publish'; topic: string; except: number | null; size: number }
  | { do: 'send'; client: number; size: number }
  | { do: 'turn' }
  | { do: 'rest' }

/** Bytes; the large ones are past what is written before the turn ends. */
const size = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0, 100) },
  { weight: 1, arbitrary: fc.constant(300_000) },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('enter' as const, 'leave' as const), client, topic }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('publish' as const), topic, except: fc.option(client), size }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), client, size }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'turn' }, { do: 'rest' }) },
)

/** Most are members of most topics from the start: what is mixed matters to those in several. */
const scenario = fc
  .tuple(
    fc.subarray(TOPICS.flatMap((name) => Array.from({ length: CLIENTS }, (_, who) => ({ who, name })))),
    fc.array(step, { maxLength: 60 }),
  )
  .map(([members, steps]): Step[] => [
    ...members.map(({ who, name }): Step => ({ do: 'enter', client: who, topic: name })),
    ...steps,
  ])

/** What each client must get: every call acts at once, on the members of that moment. */
class Model {
  readonly got = Array.from({ length: CLIENTS }, (): string[] => [])
  readonly #members = new Map(TOPICS.map((name) => [name, new Set<number>()]))

  enter(who: number, name: string): void {
    this.#members.get(name)?.add(who)
  }

  leave(who: number, name: string): void {
    this.#members.get(name)?.delete(who)
  }

  publish(name: string, text: string, except: number | null): void {
    for (const who of this.#members.get(name) ?? []) if (who !== except) this.got[who]?.push(text)
  }
}

describe.each([
  ['written through a socket', { foreign: false, others: 1 }],
  ['written through ws alone', { foreign: true, others: 1 }],
  // 30 µs of rest for each member is a millisecond then.
  ['in topics that rest', { foreign: false, others: 35 }],
])('order, %s,', (_name, { foreign, others }) => {
  const clock = new FakeClock()
  let server: Server
  let pairs: { client: Client; connection: Connection<string> }[]

  beforeAll(async () => {
    server = await serve({ clock, foreign })
    // With somebody in each topic there is nothing to wait for, so that entering is part of the order too.
    for (const name of TOPICS) await server.connectAll(others, name)
    pairs = await Promise.all(Array.from({ length: CLIENTS }, () => server.connect()))
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const at = (index: number) => {
    const pair = pairs[index]
    if (!pair) throw new Error(`no client ${index}`)
    return pair
  }

  async function act(model: Model, one: Step, text: string): Promise<void> {
    const { hub } = server
    if (one.do === 'turn') return turn()
    if (one.do === 'rest') return clock.advance(1)
    const padded = 'size' in one ? `${text}${'.'.repeat(one.size)}` : text
    if (one.do === 'publish') {
      hub.publish(one.topic, padded, one.except === null ? {} : { except: at(one.except).connection.id })
      model.publish(one.topic, padded, one.except)
    } else if (one.do === 'send') {
      at(one.client).connection.send(padded)
      model.got[one.client]?.push(padded)
    } else if (one.do === 'enter') {
      void hub.enter(at(one.client).connection, one.topic)
      model.enter(one.client, one.topic)
    } else {
      hub.leave(at(one.client).connection, one.topic)
      model.leave(one.client, one.topic)
    }
  }

  it('is the order of the calls, for every connection, whatever is mixed within a turn', () =>
    fc.assert(
      fc.asyncProperty(scenario, async (steps) => {
        const model = new Model()
        for (const [i, one] of steps.entries()) {
          const pending = act(model, one, `${i}`)
          if (one.do === 'turn') await pending
        }
        for (const [who, { client, connection }] of pairs.entries()) {
          connection.send('end')
          expect(await client.until((text) => text === 'end')).toEqual([...(model.got[who] ?? []), 'end'])
          expect(client.drain()).toEqual([])
          for (const name of TOPICS) server.hub.leave(connection, name)
        }
      }),
      // A failure leaves clients with what the next run does not expect: a smaller one would say nothing.
      { numRuns: 1000, endOnFailure: true },
    ))
})
