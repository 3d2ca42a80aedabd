import type { Broker } from '@switchboard/hub/broker'

/**
 * Keeps the hub's topics inside this process. The feeds follow rooms on the real bus themselves, because a room has one
 * order, and goes on while the bus is away.
 */
export const localBroker = (process: string): Broker => ({
  process,
  publish() {},
  subscribe: async () => () => {},
  isHeard: async () => false,
  onChange: () => () => {},
  async flush() {},
  async ping() {},
  async close() {},
})
