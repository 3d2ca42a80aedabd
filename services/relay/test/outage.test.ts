import { openDatabase } from '@switchboard/kit/database'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { describe, expect, test } from 'vitest'
import { connect } from './support/client.ts'
import { Installation, startRelay } from './support/installation.ts'

const delivery = (response: Response) => response.headers.get('x-relay-delivery')

describe.skipIf(!findServer('postgres'))('while PostgreSQL is away', () => {
  test('connected clients are served, what would have to wait gets 503, and all is well when it is back', async () => {
    await using postgres = await livePostgres()
    await using database = await openDatabase({ url: await postgres.createDatabase(), directory: '' })
    await using relay = await startRelay({ database, ackPatienceMs: 500 })
    const [token, absent] = [await relay.token(), await relay.token()]
    await using client = await connect(relay.url, token)
    client.answer(({ path }) => [200, path])
    expect(await (await relay.go(token, '/before')).text()).toBe('/before')

    await postgres.stop()
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(503)
    expect(await (await relay.go(token, '/during')).text()).toBe('/during')
    for (const path of ['/v1/new', `/v1/refresh/${token}`, `/v1/go/${absent}`]) {
      const response = await fetch(relay.url + path)
      expect(response.status, path).toBe(503)
      expect(await response.text()).not.toContain(absent)
    }

    await postgres.start()
    expect(delivery(await relay.go(absent, '/after'))).toBe('queued')
    await using late = await connect(relay.url, absent)
    expect(await late.nextPaths(1)).toEqual(['/after'])
    expect(await (await relay.go(token, '/end')).text()).toBe('/end')
  })
})

test('while the bus is away, clients of this process are served, and readiness says so', async () => {
  await using installation = new Installation()
  const relay = await installation.start()
  const token = await relay.token()
  await using client = await connect(relay.url, token)
  client.answer(() => [200, 'here'])
  installation.bus.down()
  expect((await fetch(`${relay.url}/readyz`)).status).toBe(503)
  expect((await fetch(`${relay.url}/healthz`)).status).toBe(200)
  expect(await (await relay.go(token)).text()).toBe('here')
  installation.bus.up()
  expect((await fetch(`${relay.url}/readyz`)).status).toBe(200)
  expect(await (await relay.go(token)).text()).toBe('here')
})
