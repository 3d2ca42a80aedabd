import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { announceProcess } from '../src/process-entry.ts'
import { createServer, type Server } from '../src/server.ts'

interface Told {
  connection: string
  person: string
  since: number
  info: unknown
}

/** Presence, which counts what it is told, and is away while `isAway`. */
function createPresence() {
  const entries = new Map<string, Told>()
  const presence = {
    entries,
    told: 0,
    isAway: false,
    async enter(place: string, entry: Told) {
      if (presence.isAway) throw new Error('presence is away')
      presence.told++
      entries.set(`${place} ${entry.connection}`, entry)
    },
    async leave(place: string, connection: string) {
      if (presence.isAway) throw new Error('presence is away')
      return entries.delete(`${place} ${connection}`)
    },
  }
  return presence
}

let app: Server
let presence: ReturnType<typeof createPresence>
let isDatabaseUp: boolean
let looks: number
let open: number

beforeEach(async () => {
  presence = createPresence()
  isDatabaseUp = true
  looks = 0
  open = 0
  app = await createServer({
    name: 'chat',
    config: { logLevel: 'silent', trustedProxies: [], allowedOrigins: [] },
    errorBody: ({ message }) => message,
    needs: {
      async database() {
        looks++
        if (!isDatabaseUp) throw new Error('the database is away')
      },
      bus: async () => {},
    },
  })
  const broker = { process: 'p1' }
  announceProcess(app, { service: 'chat', broker, presence, connections: () => open, everyMs: 5 })
})
afterEach(() => app.close())

const entry = () => presence.entries.get('processes p1.chat')
const info = () => entry()?.info
const looksMore = (more: number) => expect.poll(() => looks, { interval: 5 }).toBeGreaterThan(looks + more)

describe('a process', () => {
  test('is among all processes once it is ready, with since when and how many connections it has', async () => {
    const before = Date.now() - 1000
    expect(presence.entries.size).toBe(0)
    await app.ready()
    await expect.poll(info).toEqual({ process: 'p1', missing: [], connections: 0 })
    expect(entry()).toMatchObject({ person: 'chat', since: expect.any(Number) })
    expect(entry()?.since).toBeGreaterThan(before)
  })

  test('says what has changed, and nothing while nothing has', async () => {
    await app.ready()
    await looksMore(3)
    expect(presence.told).toBe(1)
    open = 7
    isDatabaseUp = false
    await expect.poll(info).toEqual({ process: 'p1', missing: ['database'], connections: 7 })
    isDatabaseUp = true
    await expect.poll(info).toEqual({ process: 'p1', missing: [], connections: 7 })
  })

  test('starts and stops while presence is away, and is there once it is back', async () => {
    presence.isAway = true
    await app.ready()
    await looksMore(3)
    presence.isAway = false
    await expect.poll(info).toMatchObject({ missing: [] })
    presence.isAway = true
    await app.close()
  })

  test('is gone when it closes, and looks at itself no more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await app.ready()
      await vi.advanceTimersByTimeAsync(100)
      expect([presence.entries.size, vi.getTimerCount()]).toEqual([1, 1])
      await app.close()
      expect([presence.entries.size, vi.getTimerCount()]).toEqual([0, 0])
    } finally {
      vi.useRealTimers()
    }
  })

  test('that closes while a look is under way is not entered any more', async () => {
    const late = Promise.withResolvers<void>()
    const slow = await createServer({
      name: 'chat',
      config: { logLevel: 'silent', trustedProxies: [], allowedOrigins: [] },
      errorBody: ({ message }) => message,
      needs: { database: () => late.promise },
    })
    announceProcess(slow, { service: 'chat', broker: { process: 'p2' }, presence })
    await slow.ready()
    await slow.close()
    late.resolve()
    await late.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(presence.entries.size).toBe(0)
  })
})
