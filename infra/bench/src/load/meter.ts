import { cpuMicros, ownCpuMicros } from '../accounting.ts'
import type { Figures } from './jobs.ts'

interface Reading {
  at: number
  server: number | undefined
  own: number
  count: number
  reads: number
  bytes: number
}

export interface Counters {
  /** What was done until now. */
  count(): number
  links: { reads: number; bytesRead: number }
}

/** Reads the counters now; the answer reads them again, and says what was done in between and what it cost. */
export function startMeter(pids: readonly number[], { count, links }: Counters): () => Figures {
  const read = (): Reading => ({
    at: performance.now(),
    server: cpuMicros(pids),
    own: ownCpuMicros(),
    count: count(),
    reads: links.reads,
    bytes: links.bytesRead,
  })
  const before = read()
  return () => between(before, read())
}

function between(before: Reading, after: Reading): Figures {
  const micros = (after.at - before.at) * 1000
  const done = after.count - before.count
  const figures: Figures = {
    perSecond: (done / micros) * 1e6,
    generatorUse: (after.own - before.own) / micros,
  }
  if (done === 0) return figures
  figures.generatorMicros = (after.own - before.own) / done
  figures.perRead = done / (after.reads - before.reads)
  figures.bytesPerDelivery = (after.bytes - before.bytes) / done
  if (before.server !== undefined && after.server !== undefined) {
    figures.cpuMicros = (after.server - before.server) / done
    figures.serverUse = (after.server - before.server) / micros
  }
  return figures
}
