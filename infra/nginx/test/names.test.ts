import { liveNginx } from '@switchboard/testing/nginx'
import { freePort } from '@switchboard/testing/port'
import { findServer } from '@switchboard/testing/servers'
import { connect } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { renderNginx } from '../src/render.ts'
import { type Seen, startBackend } from './backends.ts'
import { startDns } from './dns.ts'

/** Processes of one service have one port, and addresses of their own. */
const [FIRST, SECOND] = ['127.0.0.2', '127.0.0.3'] as const

function nginxAt(resolver: string, port: number) {
  const name = `processes.test:${port}`
  return liveNginx((place) =>
    renderNginx({
      ...place,
      resolver,
      upstreams: { ide: [name], chat: [name], relay: [name], channels: [name], nemesis: [name] },
    }),
  )
}

describe.skipIf(findServer('nginx') === undefined)('nginx that is told a name', () => {
  test('finds processes that come later, and all of them, without being touched', async () => {
    const port = await freePort()
    await using dns = await startDns([FIRST])
    await using stack = new AsyncDisposableStack()
    stack.use(await startBackend('chat', 'one', { host: FIRST, port }))
    stack.use(await startBackend('chat', 'two', { host: SECOND, port }))
    await using nginx = await nginxAt(dns.address, port)
    const ask = () => fetch(`${nginx.url}/api/v1/rooms/%5Bx%5D?a=%20`)
    expect(await (await ask()).json()).toMatchObject({ process: 'one', url: '/api/v1/rooms/%5Bx%5D?a=%20' })
    dns.answers = [FIRST, SECOND]
    // Each of nginx' workers asks again once what it knows is two seconds old.
    const shares = async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, ask))
      const seen = await Promise.all(answers.map(async (it) => ((await it.json()) as Seen).process))
      return Math.min(...['one', 'two'].map((name) => seen.filter((process) => process === name).length))
    }
    await expect.poll(shares, { timeout: 10_000 }).toBeGreaterThan(9)
    await using client = await connect(`${nginx.url.replace('http', 'ws')}/api/v1/presence/ws`)
    expect(await client.nextJson()).toMatchObject({ url: '/api/v1/presence/ws' })
  })

  test('passes over one that is gone while its name still tells it', async () => {
    const port = await freePort()
    await using dns = await startDns([FIRST, SECOND])
    await using two = await startBackend('relay', 'two', { host: SECOND, port })
    await using nginx = await nginxAt(dns.address, port)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${nginx.url}/go/x`, { method: 'POST' })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(two.seen).toHaveLength(20)
  })

  test('starts while nobody has the name, and answers 502', async () => {
    await using dns = await startDns([])
    await using nginx = await nginxAt(dns.address, await freePort())
    expect((await fetch(`${nginx.url}/new`)).status).toBe(502)
  })
})
