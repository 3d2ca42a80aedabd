import { expect, test } from 'vitest'
import { Calls } from '../src/routes/calls.ts'
import { FakeClock } from './support/fake-clock.ts'

const PATIENCE_MS = 10_000

function setUp() {
  const clock = new FakeClock()
  const calls = new Calls<string>(clock)
  const sent: number[] = []
  const ended: string[] = []
  const make = (name: string, process = 'a') =>
    calls
      .make(process, PATIENCE_MS, (call) => sent.push(call))
      .then((answer) => {
        ended.push(`${name}: ${answer}`)
      })
  return { clock, calls, sent, ended, make }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('an answer ends its call, and no timer is left', async () => {
  const { clock, calls, sent, ended, make } = setUp()
  const done = [make('one'), make('two')]
  calls.answered(sent[1] ?? 0, 'second')
  calls.accepted(sent[0] ?? 0)
  clock.advance(PATIENCE_MS - 1)
  calls.answered(sent[0] ?? 0, 'first')
  await Promise.all(done)
  expect([ended, clock.armed]).toEqual([['two: second', 'one: first'], 0])
  calls.answered(sent[0] ?? 0, 'once more')
})

test('an accepted call waits so long and no longer', async () => {
  const { clock, calls, sent, ended, make } = setUp()
  void make('one')
  calls.accepted(sent[0] ?? 0)
  clock.advance(PATIENCE_MS - 1)
  await turn()
  expect(ended).toEqual([])
  clock.advance(1)
  await turn()
  expect(ended).toEqual(['one: undefined'])
})

test('a process that does not accept is given up for all that waits for it, in order, and is not asked again', async () => {
  const { clock, calls, sent, ended, make } = setUp()
  void make('accepted')
  calls.accepted(sent[0] ?? 0)
  void make('one')
  void make('elsewhere', 'b')
  clock.advance(1_500)
  void make('two')
  clock.advance(500)
  await turn()
  expect(ended).toEqual(['accepted: undefined', 'one: undefined', 'two: undefined', 'elsewhere: undefined'])
  const before = sent.length
  await make('three')
  expect([ended.at(-1), sent.length]).toEqual(['three: undefined', before])
})

test.each([
  ['it is heard of', (calls: Calls<string>) => calls.heard('a'), 0],
  ['the bus was away', (calls: Calls<string>) => calls.heard(), 0],
  ['its claims would have run out', () => {}, 15_000],
])('it is asked again when %s', async (_when, act, ms) => {
  const { clock, calls, sent, make } = setUp()
  void make('one')
  clock.advance(2_000)
  act(calls)
  clock.advance(ms)
  void make('two')
  expect(sent).toHaveLength(2)
  calls.close()
})

test('closing ends all calls', async () => {
  const { clock, calls, make, ended } = setUp()
  const done = [make('one'), make('two', 'b')]
  calls.close()
  await Promise.all(done)
  expect([ended, clock.armed]).toEqual([['one: undefined', 'two: undefined'], 0])
})
