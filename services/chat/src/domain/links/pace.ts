/** How fast something may go: so many at once, so many a second after that. */
export interface Pace {
  /** How many may go now. */
  allowed(): number
  spend(count: number): void
}

/** @param limits `false`: as fast as it can */
export function createPace(limits: { burst: number; perSecond: number } | false, now: () => number): Pace {
  if (!limits) return { allowed: () => Number.POSITIVE_INFINITY, spend() {} }
  const { burst, perSecond } = limits
  let tokens: number = burst
  let at = now()
  const refill = () => {
    const time = now()
    tokens = Math.min(burst, tokens + ((time - at) * perSecond) / 1000)
    at = time
  }
  return {
    allowed() {
      refill()
      return Math.floor(tokens)
    },
    spend(count) {
      refill()
      tokens -= count
    },
  }
}
