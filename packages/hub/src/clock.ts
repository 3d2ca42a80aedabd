/** Where the hub takes its time from, so that tests need not wait. */
export interface Clock {
  /** Whole milliseconds since some moment, never going back. */
  now(): number
  /** Calls back each `ms` until the answer is called. Does not keep the process alive. */
  every(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Math.floor(performance.now()),
  every(ms, call) {
    const timer = setInterval(call, ms).unref()
    return () => clearInterval(timer)
  },
}
