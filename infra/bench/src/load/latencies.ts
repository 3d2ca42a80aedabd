import { Histogram } from './histogram.ts'
import type { Figures } from './jobs.ts'

/** Due times that are kept for each publisher; a message that is older than so many others has no latency. */
const DUE_KEPT = 8192

/** When each message was due, and how long after that its deliveries came. Milliseconds of `performance.now()`. */
export class Latencies {
  /** Whether what comes counts. */
  measuring = false
  readonly #histogram = new Histogram()
  readonly #due: Float64Array

  constructor(publishers: number) {
    this.#due = new Float64Array(publishers * DUE_KEPT)
  }

  said(publisher: number, sequence: number, due: number): void {
    this.#due[publisher * DUE_KEPT + (sequence % DUE_KEPT)] = due
  }

  heard(publisher: number, sequence: number): void {
    const due = this.#due[publisher * DUE_KEPT + (sequence % DUE_KEPT)]
    if (this.measuring && due !== undefined) this.#histogram.add(performance.now() - due)
  }

  figures(): Pick<Figures, 'p50' | 'p99'> {
    const p50 = this.#histogram.quantile(0.5)
    const p99 = this.#histogram.quantile(0.99)
    return p50 === undefined || p99 === undefined ? {} : { p50, p99 }
  }
}
