import { Links } from '../wire/links.ts'
import type { Seat } from '../wire/seat.ts'
import { Checker } from './checker.ts'
import { Histogram } from './histogram.ts'
import type { FanOutJob, Figures, Order } from './jobs.ts'
import { MarkScanner } from './mark.ts'
import { startMeter } from './meter.ts'
import { startPacer } from './pacer.ts'
import { Publisher } from './publisher.ts'
import { seatAll } from './seats.ts'
import { sleep } from './sleep.ts'
import { createWire, type Person, type Wire } from './wires.ts'

/** Due times that are kept for each publisher; a message that is older than so many others has no latency. */
const DUE_KEPT = 8192
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

/** When each message was due, and how long after that its deliveries came. */
class Latencies {
  readonly histogram = new Histogram()
  readonly #due: Float64Array

  constructor(publishers: number) {
    this.#due = new Float64Array(publishers * DUE_KEPT)
  }

  said(publisher: number, sequence: number, due: number): void {
    this.#due[publisher * DUE_KEPT + (sequence % DUE_KEPT)] = due
  }

  heard(publisher: number, sequence: number): void {
    const due = this.#due[publisher * DUE_KEPT + (sequence % DUE_KEPT)]
    if (due !== undefined) this.histogram.add(performance.now() - due)
  }
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

/** Runs the load; rejects where a connection is refused or lost. */
export async function fanOut(job: FanOutJob, { target, timing }: Order): Promise<Figures> {
  const { pace, listeners, publishers } = job
  const wire = createWire(target.wire, target.prepared)
  const { all, checker } = cast(job, wire)
  const latencies = 'perSecond' in pace ? new Latencies(publishers) : undefined
  let measuring = false
  const scanner = new MarkScanner<number>((seat, publisher, sequence) => {
    checker.hear(seat, publisher, sequence)
    if (measuring) latencies?.heard(publisher, sequence)
  })
  let onDelivered = (): void => {}
  const heard = (seat: Seat, bytes: Buffer, start: number, end: number): number => {
    const count = scanner.scan(seat.index, bytes, start, end)
    if (count > 0) onDelivered()
    return count
  }
  const lost: string[] = []
  const links = new Links()
  const seats = await seatAll({
    links,
    ports: target.ports,
    wire,
    people: all,
    heard,
    lost: (why) => lost.push(why),
  })
  await sleep(timing.settleSeconds)
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
  onDelivered = pacer.delivered
  await sleep(timing.warmUpSeconds)
  const stopMeter = startMeter(target.pids, { links, count: () => checker.delivered })
  measuring = true
  await sleep(timing.seconds)
  measuring = false
  const figures = stopMeter()
  pacer.stop()
  await drained(checker)
  for (const seat of seats) seat.leave()
  if (lost.length > 0) throw new Error(`${lost.length} connections were lost, the first: ${lost[0]}`)
  return { ...figures, ...quantiles(latencies), check: checker.verdict() }
}

function quantiles(latencies: Latencies | undefined): Pick<Figures, 'p50' | 'p99'> {
  const p50 = latencies?.histogram.quantile(0.5)
  const p99 = latencies?.histogram.quantile(0.99)
  return p50 === undefined || p99 === undefined ? {} : { p50, p99 }
}
