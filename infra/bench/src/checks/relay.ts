import { deepEqual } from 'node:assert/strict'
import { openRelay } from '@switchboard/sdk/relay'
import type { Asked } from './asked.ts'

/** A request at one process is answered by the client that is connected to the other. */
export async function checkRelay({ first, last, signal, expect }: Asked): Promise<void> {
  expect('a client connects with a new token')
  const relay = await openRelay({ url: first, signal })
  relay.on('request', ({ body, answer }) => answer({ status: 201, body }))
  await relay.opened
  expect('what it answers is what the caller gets')
  const response = await fetch(`${last}/v1/go/${relay.token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number: 1 }),
    signal,
  })
  deepEqual([response.status, await response.json()], [201, { number: 1 }])
}
