/** Acknowledges one delivery of a request, over the connection that brought it. */
export type Acknowledge = (...args: unknown[]) => void

/** Twice as many as may wait for one token: what is forgotten could be handed over again. */
const REMEMBERED_MAX = 2_000

/** Requests are delivered again until they are acknowledged; here each is new once. */
export interface Deliveries {
  /** Whether nobody here has got the request yet. */
  arrived(id: string, acknowledge: Acknowledge): boolean
  /** Acknowledges over the connection that brought it last; without one, as soon as it comes again. */
  answered(id: string, args: unknown[]): void
  /** Socket.IO numbers deliveries anew in each connection: an old one's number would answer somebody else. */
  disconnected(): void
}

export function createDeliveries(): Deliveries {
  const deliveries = new Map<string, Acknowledge | 'away' | 'answered'>()
  return {
    arrived(id, acknowledge) {
      const known = deliveries.get(id)
      // Whoever waited for the answer was told that the request is queued.
      if (known === 'answered') acknowledge()
      else deliveries.set(id, acknowledge)
      const [oldest] = deliveries.keys()
      if (deliveries.size > REMEMBERED_MAX && oldest !== undefined) deliveries.delete(oldest)
      return known === undefined
    },
    answered(id, args) {
      const acknowledge = deliveries.get(id)
      deliveries.set(id, 'answered')
      if (typeof acknowledge === 'function') acknowledge(...args)
    },
    disconnected() {
      for (const [id, known] of deliveries) if (known !== 'answered') deliveries.set(id, 'away')
    },
  }
}
