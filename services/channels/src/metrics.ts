import type { Hub } from '@switchboard/hub/hub'
import type { Metrics } from '@switchboard/kit/metrics'

/** Counts everything that is bounded. */
export function measure(metrics: Metrics, hub: Pick<Hub<never>, 'stats'>): void {
  metrics.gauge('channels_connections', 'Open WebSocket connections', () => hub.stats.connections)
  metrics.gauge('channels_buffered_bytes', 'Bytes that wait for clients', () => hub.stats.bufferedBytes)
  metrics.total('channels_received_total', 'Messages from clients', () => hub.stats.received)
  metrics.total('channels_publishes_total', 'Messages to topics', () => hub.stats.publishes)
  metrics.total('channels_deliveries_total', 'Messages to one connection each', () => hub.stats.deliveries)
  metrics.total('channels_drops_total', 'Connections that were closed', () => hub.stats.drops, 'reason')
}
