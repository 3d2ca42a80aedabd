import { countConnections, type Metrics } from '@switchboard/kit/metrics'
import type { Floor } from './routes/floor.ts'
import type { Linking } from './routes/links/linking.ts'
import type { Lookout } from './routes/presence/lookout.ts'

/** Counts everything that is bounded. */
export function measure(metrics: Metrics, { hub, feeds, writer }: Floor, lookout: Lookout): void {
  metrics.gauge('chat_connections', 'Open WebSocket connections', () => hub.stats.connections)
  metrics.gauge('chat_buffered_bytes', 'Bytes that wait for clients', () => hub.stats.bufferedBytes)
  metrics.gauge('chat_rooms', 'Rooms with members in this process', () => feeds.size)
  metrics.gauge('chat_unstored_messages', 'Messages that wait for the database', () => writer.waiting)
  metrics.total('chat_received_total', 'Messages from clients', () => hub.stats.received)
  metrics.total('chat_stored_total', 'Messages that were stored', () => writer.stored)
  metrics.total('chat_deliveries_total', 'Messages to one connection each', () => hub.stats.deliveries)
  metrics.total(
    'chat_drops_total',
    'Connections that were closed',
    () => ({
      ...hub.stats.drops,
      notStored: writer.givenUp,
    }),
    'reason',
  )
  countConnections(metrics, 'chat_presence', () => lookout.hub.stats)
  metrics.gauge(
    'chat_presence_watched',
    'People whom somebody watches in this process',
    () => lookout.board.size,
  )
}

/** What links do. */
export function measureLinks(metrics: Metrics, linking: Linking): void {
  metrics.gauge('chat_links', 'Links of all rooms', () => linking.size)
  metrics.gauge(
    'chat_links_waiting',
    'Messages from the bus that links did not bring on yet',
    linking.waiting,
  )
  metrics.total('chat_links_lost_total', 'Messages that links had no room to keep', linking.lost)
}
