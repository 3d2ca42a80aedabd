import { afterEach, expect, test } from 'vitest'
import { announceBus } from '../src/bus.ts'
import { createServer, type Server } from '../src/server.ts'

let app: Server
afterEach(() => app.close())

test('the bus is in the metrics, and its going and coming is followed until the app closes', async () => {
  app = await createServer({
    name: 'test',
    config: { logLevel: 'silent', trustedProxies: [], allowedOrigins: [] },
    errorBody: ({ message }) => message,
    needs: {},
  })
  const listeners = new Set<(up: boolean) => void>()
  const stats = { up: true, published: 3, received: 2, dropped: 1, subscriptions: 4, lagMs: 250 }
  const logged: string[] = []
  app.log.warn = (text: string) => void logged.push(text)
  app.log.info = (text: string) => void logged.push(text)
  const onChange = (listener: (up: boolean) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  announceBus(app, { broker: { stats, onChange }, presence: { size: 7 } })
  const lines = (await app.inject('/metrics')).body.split('\n')
  for (const line of [
    'bus_up 1',
    'bus_lag_seconds 0.25',
    'bus_subscriptions 4',
    'bus_publishes_total 3',
    'bus_received_total 2',
    'bus_drops_total 1',
    'presence_size 7',
  ])
    expect(lines).toContain(line)
  for (const up of [false, true]) for (const listener of listeners) listener(up)
  expect(logged).toEqual(['the bus is away', 'the bus is back'])
  await app.close()
  expect(listeners.size).toBe(0)
})
