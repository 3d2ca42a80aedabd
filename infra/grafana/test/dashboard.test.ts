import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { start } from '@switchboard/testing/process'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

interface Dashboard {
  panels: { id: number; title: string; targets?: { refId: string; expr: string }[] }[]
  templating: { list: { query: string | { query: string } }[] }
}

const names = Object.keys(SERVICES) as Service[]
const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const { panels, templating } = JSON.parse(await readFile(pathOf('../switchboard.json'), 'utf8')) as Dashboard

/** Each selector has braces, so that a metric's name is what stands before them. */
const METRIC = /([a-z_][a-z0-9_]*)\{/g
const GROUPING = /by \(([^)]+)\)/g
/** Prometheus' own: which scrape job, which process. */
const SCRAPE_LABELS = ['job', 'instance']

const expressions = [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query])),
]

interface Exported {
  metrics: Set<string>
  labels: Set<string>
}

/** What a service's `/metrics` has after a request. */
async function exportedBy(service: Service, databaseUrl: string, into: Exported): Promise<void> {
  const main = pathOf(`../../../services/${service}/src/main.ts`)
  await using running = await start(main, { DATABASE_URL: databaseUrl, JWT_SECRET: 'x'.repeat(32) })
  await fetch(`${running.url}/healthz`)
  const text = await (await fetch(`${running.url}/metrics`)).text()
  for (const [, metric = '', labels = ''] of text.matchAll(/^([a-z_][a-z0-9_]*)(?:\{([^}]*)\})? /gm)) {
    into.metrics.add(metric)
    for (const [, label = ''] of labels.matchAll(/(\w+)=/g)) into.labels.add(label)
  }
}

describe.skipIf(findServer('postgres') === undefined)('the dashboard shows what the services export', () => {
  let postgres: LivePostgres
  const exported: Exported = { metrics: new Set(), labels: new Set(SCRAPE_LABELS) }

  beforeAll(async () => {
    postgres = await livePostgres()
    const url = await postgres.createDatabase()
    await Promise.all(names.map((name) => exportedBy(name, url, exported)))
  })
  afterAll(() => postgres?.[Symbol.asyncDispose]())

  test.each(expressions)('%s', (expression) => {
    const metrics = [...expression.matchAll(METRIC)].map(([, metric]) => metric)
    expect(metrics).not.toEqual([])
    for (const metric of metrics) expect(exported.metrics).toContain(metric)
    const labels = [...expression.matchAll(GROUPING)].flatMap(([, list = '']) => list.split(', '))
    for (const label of labels) expect(exported.labels).toContain(label)
  })
})

test('no two panels have one id, and none shows nothing', () => {
  const ids = panels.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)])
  for (const { title, targets } of panels) {
    expect(title).not.toBe('')
    if (targets) expect(targets).not.toEqual([])
  }
})

test('Prometheus looks for each service where it listens', async () => {
  const { scrape_configs } = parse(await readFile(pathOf('../prometheus.yml'), 'utf8')) as {
    scrape_configs: { job_name: string; dns_sd_configs: unknown[] }[]
  }
  expect(scrape_configs).toEqual(
    names.map((name) => ({
      job_name: name,
      dns_sd_configs: [{ names: [name], type: 'A', port: SERVICES[name] }],
    })),
  )
})
