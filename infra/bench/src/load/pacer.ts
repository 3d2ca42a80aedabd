import type { Checker } from './checker.ts'
import type { Pace } from './jobs.ts'

export interface Pacer {
  /** Something was delivered. */
  delivered(): void
  stop(): void
}

export interface PacerOptions {
  pace: Pace
  checker: Checker
  publishers: number
  /** `due`: when it was to be said, milliseconds of `performance.now()`. */
  publish(publisher: number, due: number): void
}

/** Has the publishers speak, in turn, from now on. */
export function startPacer(options: PacerOptions): Pacer {
  return 'inFlight' in options.pace
    ? closedLoop(options.pace.inFlight, options)
    : openLoop(options.pace.perSecond, options)
}

/** Once in a turn of the event loop, after all that was read in it: what was delivered is replaced. */
function closedLoop(inFlight: number, { checker, publishers, publish }: PacerOptions): Pacer {
  const perMessage = checker.audienceOf(0)
  let turn = 0
  let scheduled = false
  let stopped = false
  const fill = (): void => {
    scheduled = false
    const now = performance.now()
    while (!stopped && checker.outstanding <= (inFlight - 1) * perMessage) publish(turn++ % publishers, now)
  }
  fill()
  return {
    delivered() {
      if (scheduled) return
      scheduled = true
      setImmediate(fill)
    },
    stop() {
      stopped = true
    },
  }
}

function openLoop(perSecond: number, { publishers, publish }: PacerOptions): Pacer {
  const gap = 1000 / perSecond
  let turn = 0
  let due = performance.now()
  let timer: NodeJS.Timeout | undefined
  const tick = (): void => {
    for (; due <= performance.now(); due += gap) publish(turn++ % publishers, due)
    timer = setTimeout(tick, Math.max(0, due - performance.now()))
  }
  tick()
  return { delivered() {}, stop: () => clearTimeout(timer) }
}
