import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runToEnd, start } from '@switchboard/testing/process'
import { rawSocket } from '@switchboard/testing/socket'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { connect } from './support/client.ts'

vi.setConfig({ testTimeout: 60_000 })

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

test('starts alone, keeps tokens and queued requests over a restart, logs no token, tells clients to come back', async () => {
  await using dir = await tempDir()
  await using first = await start(MAIN, { DATA_DIR: dir.path, LOG_LEVEL: 'trace' })
  const { url } = first
  const token = await (await fetch(`${url}/v1/new`)).text()
  const other = await (await fetch(`${url}/v1/new`)).text()
  await fetch(`${url}/v1/go/${token}/kept?secret=query`, { method: 'POST', body: 'a private text' })
  await fetch(`${url}/v1/refresh/${token}`)
  await fetch(`${url}/v1/go/${token}x`)
  const client = await connect(url, other)
  const unanswered = fetch(`${url}/go/${other}/in-flight`)
  await client.next()
  expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  // Not a disconnect by the server's wish, after which clients stay away.
  expect(await client.gone()).toBe('transport close')
  expect((await unanswered).headers.get('x-relay-delivery')).toBe('queued')
  expect(first.output()).toContain('/v1/go/:token')
  for (const secret of [token, other, 'private text', 'secret=query', 'in-flight'])
    expect(first.output()).not.toContain(secret)

  await using second = await start(MAIN, { DATA_DIR: dir.path, LOG_LEVEL: 'trace' })
  await using again = await connect(second.url, token)
  const { request, respond } = await again.next()
  expect(request).toMatchObject({ path: '/kept', query: { secret: 'query' }, body: 'a private text' })
  respond(200)
  await using too = await connect(second.url, other)
  expect(await too.nextPaths(1)).toEqual(['/in-flight'])
  expect(await second.stop('SIGINT')).toEqual({ code: 0, signal: null })
})

test.each([
  [{ RELAY_TOKEN_TTL_SECONDS: '0' }, 'RELAY_TOKEN_TTL_SECONDS takes'],
  [{ RELAY_TOKEN_TTL_SECONDS: 'a day' }, 'RELAY_TOKEN_TTL_SECONDS takes'],
  [{ RELAY_QUEUE_BYTES: '1' }, 'RELAY_QUEUE_BYTES takes'],
  [{ RELAY_QUEUE_BYTES: '-1' }, 'RELAY_QUEUE_BYTES takes'],
])('stops with one line where the environment says %j', async (env, line) => {
  await using dir = await tempDir()
  const { code, output } = await runToEnd(MAIN, { DATA_DIR: dir.path, ...env })
  expect(code).toBe(1)
  expect(output).toMatch(new RegExp(`^relay: ${line}[^\n]*\n$`))
})

test('tokens live 24 h and the queue holds 1 GiB unless told', () => {
  expect(readConfig({})).toMatchObject({
    tokenTtlSeconds: 86_400,
    queueBytes: 2 ** 30,
    ackPatienceMs: 5_000,
    port: 8083,
  })
  expect(readConfig({ RELAY_TOKEN_TTL_SECONDS: '60', RELAY_QUEUE_BYTES: '33554432' })).toMatchObject({
    tokenTtlSeconds: 60,
    queueBytes: 33_554_432,
  })
})

test('stops within its time though somebody has connected and never said anything', async () => {
  await using dir = await tempDir()
  await using relay = await start(MAIN, { DATA_DIR: dir.path })
  const silent = await rawSocket(Number(new URL(relay.url).port))
  const closed = once(silent, 'close')
  expect((await fetch(`${relay.url}/healthz`)).status).toBe(200)
  expect(await relay.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  await closed
})
