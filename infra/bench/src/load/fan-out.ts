import { Links } from '../wire/links.ts'
import type { Seat } from '../wire/seat.ts'
import { Checker } from './checker.ts'
import { collect } from './collect.ts'
import type { FanOutJob, Figures, Order, Target } from './jobs.ts'
import { Latencies } from './latencies.ts'
import { MarkScanner } from './mark.ts'
import { startMeter } from './meter.ts'
import { type Pacer, startPacer } from './pacer.ts'
import { Publisher } from './publisher.ts'
import { seatAll } from './seats.ts'
import { sleep } from './sleep.ts'
import { createWire, type Person, type Wire } from './wires.ts'

/** Seconds without a delivery, after the last message, that make what is missing lost. */
const DRAIN_SECONDS = 3
/** Seconds after the last delivery in which one too many would show. */
const EXTRA_SECONDS = 0.1

const people = (role: Person['role'], count: number, groups: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({ role, index, group: index % groups }))

/** The people in the order of their seats, and who checks what they hear. */
function cast({ listeners, publishers, groups }: FanOutJob, wire: Wire) {
  const all = [...people('listener', listeners, groups), ...people('publisher', publishers, groups)]
  const listening = wire.publishersListen ? all : all.slice(0, listeners)
  const deaf = wire.publishersListen && !wire.echoes
  const checker = new Checker({
    groupOf: listening.map(({ group }) => group),
    groups,
    publishers,
    deafSeatOf: (publisher) => (deaf ? listeners + publisher : undefined),
  })
  return { all, checker }
}

async function drained(checker: Checker): Promise<void> {
  let seen = -1
  let since = performance.now()
  while (checker.outstanding > 0 && performance.now() - since < DRAIN_SECONDS * 1000) {
    if (checker.delivered !== seen) since = performance.now()
    seen = checker.delivered
    await sleep(0.02)
  }
  await sleep(EXTRA_SECONDS)
}

/** Everyone connected and listening, nobody speaking yet. */
async function seat(job: FanOutJob, { target }: Order) {
  const wire = createWire(target.wire, target.prepared)
  const { all, checker } = cast(job, wire)
  // Under saturation a latency is the time in a queue that the load itself fills.
  const latencies = 'perSecond' in job.pace ? new Latencies(job.publishers) : undefined
  const links = new Links()
  const lost: string[] = []
  const room = { wire, checker, latencies, links, lost, all, onDelivered() {} }
  const scanner = new MarkScanner<number>((index, publisher, sequence) => {
    checker.hear(index, publisher, sequence)
    latencies?.heard(publisher, sequence)
  })
  const heard = (one: Seat, bytes: Buffer, start: number, end: number): number => {
    const count = scanner.scan(one.index, bytes, start, end)
    if (count > 0) room.onDelivered()
    return count
  }
  const { ports } = target
  const portOf = job.apart && (({ role }: Person) => (role === 'listener' ? ports[0] : ports.at(-1)))
  const seats = await seatAll({
    links,
    ports,
    portOf,
    wire,
    people: all,
    heard,
    lost: (why) => lost.push(why),
  })
  return Object.assign(room, { seats })
}

type Room = Awaited<ReturnType<typeof seat>>

/** Has the publishers speak from now on. */
function speak(room: Room, { listeners, publishers, pace }: FanOutJob): Pacer {
  const { all, checker, latencies, seats, wire } = room
  const speakers = all
    .slice(listeners)
    .map((person, i) => new Publisher(seats[listeners + i] as Seat, person, wire))
  const pacer = startPacer({
    pace,
    checker,
    publishers,
    publish(publisher, due) {
      const sequence = checker.say(publisher)
      latencies?.said(publisher, sequence, due)
      speakers[publisher]?.say(sequence)
    },
  })
  room.onDelivered = pacer.delivered
  return pacer
}

/** Measures from now on; where publishers are apart, also what the listeners' process costs by itself. */
function startMeters({ pids }: Target, job: FanOutJob, { links, checker }: Room): () => Figures {
  const counters = { links, count: () => checker.delivered }
  const stopAll = startMeter(pids, counters)
  const stopListeners = job.apart && startMeter(pids.slice(0, 1), counters)
  return () => {
    const listenersMicros = stopListeners?.().cpuMicros
    return { ...stopAll(), ...(listenersMicros !== undefined && { listenersMicros }) }
  }
}

/** Runs the load; rejects where a connection is refused or lost. */
export async function fanOut(job: FanOutJob, order: Order): Promise<Figures> {
  const { target, timing } = order
  const room = await seat(job, order)
  const { checker, latencies, lost, seats } = room
  await sleep(timing.settleSeconds)
  // What connecting left behind is not what a delivery costs, and would be collected at any time.
  await collect(target, 'SIGWINCH', timing.settleSeconds)
  const pacer = speak(room, job)
  await sleep(timing.warmUpSeconds)
  const stopMeters = startMeters(target, job, room)
  if (latencies) latencies.measuring = true
  await sleep(timing.seconds)
  if (latencies) latencies.measuring = false
  const figures = stopMeters()
  pacer.stop()
  await drained(checker)
  for (const one of seats) one.leave()
  if (lost.length > 0) throw new Error(`${lost.length} connections were lost, the first: ${lost[0]}`)
  return { ...figures, ...latencies?.figures(), check: checker.verdict() }
}
