/** Servers that do wrong are found out, in the course of a load. */
import { freePort } from '@switchboard/testing/port'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { check } from '../src/checks/check-ours.ts'
import { fanOut } from '../src/load/fan-out.ts'
import type { FanOutJob, Figures, Target } from '../src/load/jobs.ts'

const JOB: FanOutJob = { kind: 'fan-out', listeners: 2, publishers: 1, groups: 1, pace: { perSecond: 100 } }
const timing = { warmUpSeconds: 0.1, seconds: 0.3, settleSeconds: 0.05 }

let server: WebSocketServer | undefined
afterEach(() => {
  for (const client of server?.clients ?? []) client.terminate()
  server?.close()
})

/** Runs the load against a room whose server does `relay` with the message of that number. */
async function load(relay: (others: WebSocket[], text: string, number: number) => void): Promise<Figures> {
  const own = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server = own
  let number = 0
  own.on('connection', (ws) =>
    ws.on('message', (data) => {
      const others = [...own.clients].filter((client) => client !== ws)
      relay(others, data.toString(), number++)
    }),
  )
  await new Promise((resolve) => own.once('listening', resolve))
  const { port } = own.address() as { port: number }
  const target: Target = { ports: [port], pids: [], wire: 'room', prepared: {}, collectsOnSignal: false }
  return fanOut(JOB, { job: JOB, timing, target })
}

const send = (others: readonly WebSocket[], text: string): void => {
  for (const ws of others) ws.send(text)
}

test('a message that does not come is lost', async () => {
  const { check } = await load((others, text, number) => send(number === 3 ? others.slice(1) : others, text))
  expect(check).toMatchObject({ lost: 1, doubled: 0, misordered: 0, foreign: 0 })
})

test('a message that comes twice is doubled', async () => {
  const { check } = await load((others, text, number) => {
    send(others, text)
    if (number === 3) send(others, text)
  })
  expect(check).toMatchObject({ lost: 0, doubled: 2, misordered: 0, foreign: 0 })
})

test('a message that the next one overtakes is out of order', async () => {
  let held: string | undefined
  const { check } = await load((others, text, number) => {
    if (number === 3) held = text
    else send(others, text)
    if (number === 4 && held !== undefined) send(others, held)
  })
  expect(check).toMatchObject({ lost: 0, doubled: 0, misordered: 2, foreign: 0 })
})

test('a message that nobody said is foreign', async () => {
  const { check } = await load((others, text, number) => {
    send(others, text)
    if (number === 3) send(others, text.replace(/@\d{4}/, '@0007'))
  })
  expect(check).toMatchObject({ lost: 0, doubled: 0, misordered: 0, foreign: 2 })
})

test('a connection that is cut fails the run', async () => {
  const run = load((others, text, number) => {
    if (number === 3) others[0]?.close(1013, 'slow')
    else send(others, text)
  })
  await expect(run).rejects.toThrow('1 connections were lost, the first: the server closed it with 1013 slow')
})

test('one of ours that does not answer is told of in a line', async () => {
  const found = check('channels', [await freePort()], 200)
  await expect(found).rejects.toThrow(/^a nick enters a channel: not within 0\.2 s$/)
})
