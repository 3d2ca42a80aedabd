import { expect, test } from 'vitest'
import { join, testWorlds } from './support.ts'

const worlds = testWorlds()

test('the process says that it lives, that it is ready, and what it did', async () => {
  await using server = await worlds.world().process()
  await using bob = await server.login('bob')
  await join(bob, '#a')
  for (const path of ['/healthz', '/readyz']) expect((await fetch(server.url + path)).status).toBe(200)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toMatch(/^channels_connections 1$/m)
  expect(metrics).toMatch(/^channels_received_total 1$/m)
  expect(metrics).toMatch(/^channels_drops_total\{reason="silent"\} 0$/m)
})
