import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds; from a cached answer to a log-in behind a queue of hashes. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics
  }
}

/** The numbers of one app, in a registry of its own. */
export class Metrics {
  readonly registry = new Registry()

  /** A number that is read from `read` whenever somebody looks. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** A number that only grows, read from `read` whenever somebody looks; with `label`, one for each key of what it reads. */
  total(
    name: string,
    help: string,
    read: () => number | Readonly<Record<string, number>>,
    label?: string,
  ): void {
    new Counter({
      name,
      help,
      labelNames: label ? [label] : [],
      registers: [this.registry],
      collect() {
        const value = read()
        this.reset()
        if (typeof value === 'number') this.inc(value)
        else for (const [key, count] of Object.entries(value)) this.inc({ [label ?? '']: key }, count)
      },
    })
  }
}

/** What a hub counts; see its `HubStats`. */
export interface ConnectionStats {
  connections: number
  bufferedBytes: number
  received: number
  publishes: number
  deliveries: number
  drops: Readonly<Record<string, number>>
}

/** The connections of a service and what goes through them. */
export function countConnections(metrics: Metrics, service: string, stats: () => ConnectionStats): void {
  metrics.gauge(`${service}_connections`, 'Open WebSocket connections', () => stats().connections)
  metrics.gauge(`${service}_buffered_bytes`, 'Bytes that wait for clients', () => stats().bufferedBytes)
  metrics.total(`${service}_received_total`, 'Messages from clients', () => stats().received)
  metrics.total(`${service}_publishes_total`, 'Messages to topics', () => stats().publishes)
  metrics.total(`${service}_deliveries_total`, 'Messages to one connection each', () => stats().deliveries)
  metrics.total(`${service}_drops_total`, 'Connections that were closed', () => stats().drops, 'reason')
}

/** What a broker counts; see hub's `BrokerStats`. */
export interface BusStats {
  up: boolean
  published: number
  received: number
  dropped: number
  subscriptions: number
  lagMs: number
}

/** The bus between the processes; `present`: entries and claims that this process holds. */
export function countBus(metrics: Metrics, stats: () => BusStats, present: () => number): void {
  metrics.gauge('bus_up', '1 while the bus answers', () => Number(stats().up))
  metrics.gauge(
    'bus_lag_seconds',
    'How long a message last took through the bus and back',
    () => stats().lagMs / 1000,
  )
  metrics.gauge('bus_subscriptions', 'Topics that this process hears', () => stats().subscriptions)
  metrics.total('bus_publishes_total', 'Messages that this process published', () => stats().published)
  metrics.total('bus_received_total', 'Messages that came from other processes', () => stats().received)
  metrics.total(
    'bus_drops_total',
    'Messages that could not be sent to other processes',
    () => stats().dropped,
  )
  metrics.gauge('presence_size', 'Entries and claims that this process holds', present)
}

/** `GET /metrics` in Prometheus' text format, with the durations of HTTP requests by route. */
export function serveMetrics(app: FastifyInstance): void {
  const metrics = new Metrics()
  app.decorate('metrics', metrics)
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the request to the last byte of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [metrics.registry],
  })
  /** By what is observed together: prom-client would sort and join the labels at every request. */
  const known = new Map<string, { observe(seconds: number): void }>()
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const status = `${reply.statusCode}`
    const route = routeOptions.url ?? 'unknown'
    const key = `${status} ${method} ${route}`
    const observed = known.get(key) ?? durations.labels({ method, route, status })
    known.set(key, observed)
    observed.observe(reply.elapsedTime / 1000)
    done()
  })
  let watched = false
  app.get('/metrics', async (_request, reply) => {
    // The process' own metrics keep an event-loop monitor running; it starts with the first scrape.
    if (!watched) collectDefaultMetrics({ register: metrics.registry })
    watched = true
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}
