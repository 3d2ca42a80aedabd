import { type BusStats, countBus } from './metrics.ts'
import type { Server } from './server.ts'

/** What is needed of hub's bus. */
export interface BusParts {
  broker: { readonly stats: BusStats; onChange(listener: (up: boolean) => void): () => void }
  presence: { readonly size: number }
}

/** Shows the bus in the app's metrics, and writes into its log when it goes and comes. */
export function announceBus(app: Server, { broker, presence }: BusParts): void {
  countBus(
    app.metrics,
    () => broker.stats,
    () => presence.size,
  )
  if (!broker.stats.up) app.log.warn('the bus is away')
  const end = broker.onChange((up) =>
    up ? app.log.info('the bus is back') : app.log.warn('the bus is away'),
  )
  app.addHook('onClose', async () => end())
}
