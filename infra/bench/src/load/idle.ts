import { cpuMicros, residentBytes } from '../accounting.ts'
import { Links } from '../wire/links.ts'
import { collect } from './collect.ts'
import type { Figures, IdleJob, Order, Target } from './jobs.ts'
import { seatAll } from './seats.ts'
import { sleep } from './sleep.ts'
import { createWire, type Person } from './wires.ts'

interface Memory {
  collected: number | undefined
  uncollected: number | undefined
}

async function memoryOf(target: Target, settleSeconds: number): Promise<Memory> {
  const uncollected = residentBytes(target.pids)
  const isCollected = await collect(target, 'SIGURG', settleSeconds)
  return { uncollected, collected: isCollected ? residentBytes(target.pids) : undefined }
}

const difference = (after: number | undefined, before: number | undefined): number | undefined =>
  after === undefined || before === undefined ? undefined : after - before

/** Connects, lets it rest, and says what one connection cost. */
export async function idle({ connections, before }: IdleJob, { target, timing }: Order): Promise<Figures> {
  const { ports, pids } = target
  const wire = createWire(target.wire, target.prepared)
  const links = new Links()
  const lost: string[] = []
  const connect = (from: number, count: number) => {
    const people = Array.from(
      { length: count },
      (_, i): Person => ({ role: 'listener', index: from + i, group: 0 }),
    )
    return seatAll({ links, ports, wire, people, from, lost: (why) => lost.push(why) })
  }
  const first = await connect(0, before)
  await sleep(timing.settleSeconds)
  const empty = await memoryOf(target, timing.settleSeconds)
  const cpuBefore = cpuMicros(pids)
  const seats = await connect(before, connections)
  const cpu = difference(cpuMicros(pids), cpuBefore)
  await sleep(timing.settleSeconds)
  const full = await memoryOf(target, timing.settleSeconds)
  if (lost.length > 0) throw new Error(`${lost.length} connections were lost, the first: ${lost[0]}`)
  for (const seat of [...first, ...seats]) seat.leave()
  const uncollected = difference(full.uncollected, empty.uncollected)
  const collected = difference(full.collected, empty.collected) ?? uncollected
  return {
    ...(cpu !== undefined && { connectMicros: cpu / connections }),
    ...(collected !== undefined && { connectionBytes: collected / connections }),
    ...(uncollected !== undefined && { uncollectedBytes: uncollected / connections }),
  }
}
