import { openRelay, type Relay } from '@switchboard/sdk/relay'
import { eventually } from '@switchboard/testing/eventually'
import { expect, test } from 'vitest'
import type { Installation } from '../installation.ts'

/** What the SDK promises of relay where there are several processes, one of which this ends. */
export function relayOverProcesses(installation: () => Installation): void {
  async function open(): Promise<{ relay: Relay; ids: string[]; paths: string[]; losses: number }> {
    const relay = await openRelay({ url: installation().url })
    const client = { relay, ids: [] as string[], paths: [] as string[], losses: 0 }
    relay.on('request', (request) => {
      client.ids.push(request.id)
      client.paths.push(request.path)
      request.answer({ status: 202 })
    })
    relay.on('state', ({ state }) => {
      if (state === 'waiting') client.losses++
    })
    await relay.opened
    return client
  }

  test('each request comes once, in order, while the process of some is killed', async () => {
    // Several, so that some are with the process that goes.
    const clients = await Promise.all(Array.from({ length: 6 }, open))
    const paths = Array.from({ length: 20 }, (_, n) => `/${n}`)
    const calling = clients.map(async ({ relay }) => {
      for (const path of paths) {
        // What nginx could not hand on is the caller's to say again; the relay never had it.
        await eventually(async () => (await fetch(relay.url + path)).status < 500, {
          what: `${path} is taken`,
        })
      }
    })
    await installation().members.relay[0]?.stop('SIGKILL')
    await Promise.all(calling)
    for (const { paths: seen } of clients)
      await eventually(() => new Set(seen).size === paths.length, { what: `all requests, not ${seen}` })
    expect(clients.some(({ losses }) => losses > 0)).toBe(true)
    for (const { relay, ids, paths: seen } of clients) {
      expect(new Set(ids).size).toBe(ids.length)
      expect([...new Set(seen)]).toEqual(paths)
      expect(relay.state).toBe('open')
      relay.close()
    }
  })
}
