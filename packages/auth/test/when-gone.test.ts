import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { listen } from '@switchboard/testing/listen'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { whenGone } from '../src/when-gone.ts'

test('what waits for a client ends when the client goes away, and not before', async () => {
  const app = fastify()
  const signals: AbortSignal[] = []
  const began = Promise.withResolvers<void>()
  app.post('/quick', async (_request, reply) => {
    signals.push(whenGone(reply.raw))
    await new Promise((resolve) => setImmediate(resolve))
    return 'done'
  })
  app.post('/slow', async (_request, reply) => {
    const signal = whenGone(reply.raw)
    began.resolve()
    await once(signal, 'abort')
    signals.push(signal)
    return 'nobody hears'
  })
  await using listening = await listen(app)

  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
  expect(await (await fetch(`${listening.url}/quick`, options)).text()).toBe('done')
  expect(signals[0]?.aborted).toBe(false)

  const client = httpRequest(`${listening.url}/slow`, { method: 'POST', headers: options.headers })
  client.on('error', () => {})
  client.end(options.body)
  await began.promise
  client.destroy()
  await expect.poll(() => signals[1]?.aborted).toBe(true)
})
