import type { RequestObject } from '@switchboard/protocol/relay'
import { expect, test } from 'vitest'
import { Deadlines } from '../../src/domain/deadlines.ts'
import { Lane } from '../../src/domain/lane.ts'
import type { Link } from '../../src/domain/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeQueue, request } from '../support/fake-queue.ts'

const PATIENCE_MS = 5_000

/** Everything that has to wait for something has waited for it. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

function setUp(waiting: string[] = []) {
  const clock = new FakeClock()
  const queue = new FakeQueue()
  for (const path of waiting) void queue.append('t', request(path))
  const written: { path: string; acknowledge(...args: unknown[]): void }[] = []
  const errors: unknown[] = []
  const link: Link & { isFull: boolean; closed: boolean; drained(): void } = {
    isFull: false,
    closed: false,
    drained: () => {},
    write(event, told) {
      const { path } = JSON.parse(event) as RequestObject
      written.push({ path, acknowledge: (...args) => told.acknowledged(args) })
      told.written()
    },
    room: () => (link.isFull ? new Promise((resolve) => (link.drained = resolve)) : Promise.resolve()),
    close: () => {
      link.closed = true
    },
  }
  const lane: Lane = new Lane('t', 'p.1', 0, {
    queue,
    deadlines: new Deadlines(clock, PATIENCE_MS),
    wake: () => lane.wake(),
    onError: (error) => errors.push(error),
  })
  const paths = () => written.map(({ path }) => path)
  return { clock, queue, link, lane, written, paths, errors }
}

test('what comes in while the queue is delivered comes after it', async () => {
  const { lane, link, written, paths } = setUp(['/1', '/2', '/3'])
  lane.start(link)
  const outcome = lane.deliver(request('/new'))
  await settled()
  expect(paths()).toEqual(['/1', '/2'])
  for (const { acknowledge } of written) acknowledge(200)
  await settled()
  expect(paths()).toEqual(['/1', '/2', '/3'])
  written[2]?.acknowledge(200)
  await settled()
  expect(paths()).toEqual(['/1', '/2', '/3', '/new'])
  written[3]?.acknowledge(201, 'made')
  expect(await outcome).toMatchObject({ delivery: 'delivered', answer: { status: 201, body: 'made' } })
})

test('what has waited behind the queue for too long goes into it, in order', async () => {
  const { lane, link, written, paths, clock, queue } = setUp(['/1'])
  lane.start(link)
  const [a, b] = [lane.deliver(request('/a')), lane.deliver(request('/b'))]
  await settled()
  // The database has become slow: the append is under way while the queue seems to be empty.
  const gate = Promise.withResolvers<void>()
  queue.gate = gate.promise
  clock.advance(PATIENCE_MS)
  const c = lane.deliver(request('/c'))
  gate.resolve()
  expect([await a, await b]).toEqual([{ delivery: 'queued' }, { delivery: 'queued' }])
  await settled()
  for (const { acknowledge } of written) acknowledge(200)
  await settled()
  for (const { acknowledge } of written) acknowledge(200)
  await settled()
  written.at(-1)?.acknowledge(200)
  expect(await c).toMatchObject({ delivery: 'delivered' })
  expect(paths()).toEqual(['/1', '/a', '/b', '/c'])
})

test('a full connection holds requests back until there is room', async () => {
  const { lane, link, written, paths } = setUp()
  lane.start(link)
  await settled()
  const first = lane.deliver(request('/1'))
  link.isFull = true
  const second = lane.deliver(request('/2'))
  await settled()
  expect(paths()).toEqual(['/1'])
  link.isFull = false
  link.drained()
  await settled()
  expect(paths()).toEqual(['/1', '/2'])
  for (const { acknowledge } of written) acknowledge(200)
  expect([await first, await second]).toMatchObject([{ delivery: 'delivered' }, { delivery: 'delivered' }])
})

test('what the client had not acknowledged when it went away is queued in order, before what was held back', async () => {
  const { lane, link, queue } = setUp()
  lane.start(link)
  await settled()
  const outcomes = [lane.deliver(request('/1')), lane.deliver(request('/2'))]
  link.isFull = true
  outcomes.push(lane.deliver(request('/3')))
  lane.close({ disconnect: true })
  outcomes.push(lane.deliver(request('/4')))
  expect(await Promise.all(outcomes)).toEqual(Array(4).fill({ delivery: 'queued' }))
  expect(queue.rows.map(({ incoming }) => incoming.url)).toEqual(['/1', '/2', '/3', '/4'])
  expect(link.closed).toBe(true)
})

test('a queue that cannot be read is no reason not to serve, and is read when it can be', async () => {
  const { lane, link, paths, queue, errors } = setUp(['/1'])
  const gate = Promise.reject(new Error('away'))
  gate.catch(() => {})
  queue.gate = gate
  lane.start(link)
  await settled()
  expect([lane.isStale, errors.length]).toEqual([true, 1])
  void lane.deliver(request('/live'))
  expect(paths()).toEqual(['/live'])
  queue.gate = Promise.resolve()
  lane.wake()
  await settled()
  expect(lane.isStale).toBe(false)
  expect(paths()).toEqual(['/live', '/1'])
})

test('a wake-up in the moment in which the queue was found empty is not lost', async () => {
  const { lane, link, paths, queue } = setUp()
  const { read } = queue
  queue.read = async (token, after) => {
    const rows = await read.call(queue, token, after)
    queue.read = read
    await queue.append('t', request('/late'))
    lane.wake()
    return rows
  }
  lane.start(link)
  await settled()
  expect(paths()).toEqual(['/late'])
})

test('a client that comes after its slot was taken is sent away', () => {
  const { lane, link } = setUp()
  lane.close({ disconnect: true })
  lane.start(link)
  expect(link.closed).toBe(true)
})

test('what was held back is written only as far as the client takes it', async () => {
  const { lane, link, written, paths } = setUp()
  lane.start(link)
  await settled()
  link.isFull = true
  const outcomes = ['/1', '/2'].map((path) => lane.deliver(request(path)))
  const { write } = link
  link.write = (event, told) => {
    write(event, told)
    link.isFull = true
  }
  for (const soFar of [['/1'], ['/1', '/2']]) {
    await settled()
    link.isFull = false
    link.drained()
    await settled()
    expect(paths()).toEqual(soFar)
  }
  for (const { acknowledge } of written) acknowledge(200)
  expect(await Promise.all(outcomes)).toMatchObject([{ delivery: 'delivered' }, { delivery: 'delivered' }])
})
