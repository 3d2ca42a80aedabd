import { post } from '../wire/http.ts'
import { Links } from '../wire/links.ts'
import { acknowledge, nameOf } from './acknowledger.ts'
import type { Verdict } from './checker.ts'
import { startClosedHttp } from './closed-http.ts'
import { Histogram } from './histogram.ts'
import type { Figures, Order, RelayJob } from './jobs.ts'
import { startMeter } from './meter.ts'
import { sleep } from './sleep.ts'

/** About 500 bytes, as a push's webhook has them. */
const bodyOf = (number: number): string =>
  JSON.stringify({
    number: nameOf(number),
    ref: 'refs/heads/main',
    repository: { id: 35129377, name: 'public-repo', full_name: 'alice/public-repo', private: false },
    pusher: { name: 'alice', email: 'alice@users.example.org' },
    commits: [
      {
        id: '0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c',
        message: 'Update README.md',
        timestamp: '2026-05-05T19:40:15-04:00',
        added: [],
        removed: [],
        modified: ['README.md'],
        padding: 'x'.repeat(80),
      },
    ],
  })

function verdict(asked: number, came: ReadonlyMap<number, number>): Verdict {
  const times = [...came.values()].reduce((sum, count) => sum + count, 0)
  return {
    expected: asked,
    delivered: came.size,
    lost: asked - came.size,
    doubled: times - came.size,
    misordered: 0,
    foreign: 0,
  }
}

/** Requests that a client acknowledges; each is answered with what the client said to that one. */
export async function relay({ connections }: RelayJob, { target, timing }: Order): Promise<Figures> {
  const { prepared, pids } = target
  const { relayPath = '', namespace = '', query = '' } = prepared
  const port = target.ports[0] as number
  const links = new Links()
  const client = await acknowledge({ links, port, namespace, query })
  const histogram = new Histogram()
  const asked = new Map<number, number>()
  let measuring = false
  const load = startClosedHttp({
    links,
    port,
    connections,
    request(number) {
      asked.set(number, performance.now())
      return post(relayPath, bodyOf(number), 'X-GitHub-Event: push\r\n')
    },
    check(number, { status, body }) {
      if (status !== 200 || body !== nameOf(number))
        throw new Error(`request ${number} was answered with ${status} ${body.slice(0, 60)}`)
      if (measuring) histogram.add(performance.now() - (asked.get(number) ?? 0))
    },
  })
  await sleep(timing.warmUpSeconds)
  const stopMeter = startMeter(pids, { links, count: load.answered })
  measuring = true
  await sleep(timing.seconds)
  measuring = false
  const figures = stopMeter()
  await load.stop()
  client.close()
  const p50 = histogram.quantile(0.5)
  const p99 = histogram.quantile(0.99)
  return {
    ...figures,
    ...(p50 !== undefined && p99 !== undefined && { p50, p99 }),
    check: verdict(asked.size, client.came),
  }
}
