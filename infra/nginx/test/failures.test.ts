import { type LiveNginx, liveNginx } from '@switchboard/testing/nginx'
import { findServer } from '@switchboard/testing/servers'
import { connect } from '@switchboard/testing/socket'
import { describe, expect, test } from 'vitest'
import { renderNginx } from '../src/render.ts'
import { type Backend, type Seen, startBackend } from './backends.ts'

const start = (relay: Backend[]): Promise<LiveNginx> =>
  liveNginx((place) =>
    renderNginx({
      ...place,
      upstreams: { ide: [], chat: [], relay: relay.map(({ address }) => address), channels: [], nemesis: [] },
    }),
  )

const AWAY = { error: 'the service does not answer' }

describe.skipIf(findServer('nginx') === undefined)('nginx, with two processes of a service', () => {
  test('uses both', async () => {
    await using one = await startBackend('relay', 'one')
    await using two = await startBackend('relay', 'two')
    await using nginx = await start([one, two])
    for (let n = 0; n < 8; n++) await fetch(`${nginx.url}/new`)
    expect([one.seen.length, two.seen.length]).toEqual([4, 4])
  })

  test('gives a new WebSocket to the process that has fewer', async () => {
    await using one = await startBackend('relay', 'one')
    await using two = await startBackend('relay', 'two')
    await using nginx = await start([one, two])
    await using stack = new AsyncDisposableStack()
    const open = async () => stack.use(await connect(`${nginx.url.replace('http', 'ws')}/socket.io/`))
    const clients = await Promise.all(Array.from({ length: 10 }, open))
    const processes = await Promise.all(clients.map(async (it) => (await it.nextJson<Seen>()).process))
    expect(processes.filter((it) => it === 'one')).toHaveLength(5)
    for (const [number, client] of clients.entries())
      if (processes[number] === 'one') await client[Symbol.asyncDispose]()
    // nginx hears of the ends before it sees another request on a connection that is told after them.
    await expect.poll(() => one.sockets()).toBe(0)
    const next = await Promise.all(Array.from({ length: 5 }, open))
    expect(await Promise.all(next.map(async (it) => (await it.nextJson<Seen>()).process))).toEqual(
      Array(5).fill('one'),
    )
  })

  test.each(['GET', 'POST'])('passes over the one that was killed, and no %s is lost', async (method) => {
    await using one = await startBackend('relay', 'one')
    await using two = await startBackend('relay', 'two')
    await using nginx = await start([one, two])
    await fetch(`${nginx.url}/go/x`)
    await fetch(`${nginx.url}/go/x`)
    await one.kill()
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => fetch(`${nginx.url}/go/x`, { method })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await answers[0]?.json()) as Seen).toMatchObject({ process: 'two' })
  })

  test.each([
    ['POST', 'never repeats', 1],
    ['GET', 'may repeat', 2],
  ])('of a %s that a process had and did not answer: %s it', async (method, _does, times) => {
    const dies = (process: string) =>
      startBackend('relay', process, { answer: (_request, response) => response.socket?.destroy() })
    await using one = await dies('one')
    await using two = await dies('two')
    await using nginx = await start([one, two])
    const answer = await fetch(`${nginx.url}/go/x`, { method })
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 502, body: AWAY })
    expect(one.seen.length + two.seen.length).toBe(times)
  })

  test('answers 502 while nobody is there', async () => {
    await using one = await startBackend('relay', 'one')
    await using nginx = await start([one])
    await one.kill()
    for (const path of ['/new', '/auth']) {
      const answer = await fetch(`${nginx.url}${path}`)
      expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 502, body: AWAY })
    }
    await expect(connect(`${nginx.url.replace('http', 'ws')}/socket.io/`)).rejects.toThrow('502')
  })
})
