import type { Hub } from '@switchboard/hub/hub'
import type { Metrics } from '@switchboard/kit/metrics'
import type { Session } from './session.ts'

/** The hub's counters, for `GET /metrics`. */
export function measure(metrics: Metrics, hub: Hub<Session>): void {
  metrics.gauge('ide_connections', 'Open WebSocket connections', () => hub.stats.connections)
  metrics.gauge('ide_buffered_bytes', 'Bytes that wait for clients', () => hub.stats.bufferedBytes)
  metrics.total('ide_received_total', 'Messages from clients', () => hub.stats.received)
  metrics.total('ide_publishes_total', 'Messages to topics', () => hub.stats.publishes)
  metrics.total('ide_deliveries_total', 'Messages to one connection each', () => hub.stats.deliveries)
  metrics.total('ide_drops_total', 'Connections that were closed', () => hub.stats.drops, 'reason')
}
