import { connectIde } from '@switchboard/sdk/ide'
import { getProcesses, type Processes } from '@switchboard/sdk/presence'
import { expect, test } from 'vitest'
import type { Installation } from '../installation.ts'
import type { Origin } from '../origin.ts'
import { person } from './clients.ts'

/** How many processes of each service run. */
type Counts = Readonly<Record<string, number>>

const countsOf = (services: Processes): Counts =>
  Object.fromEntries(Object.entries(services).map(([name, processes]) => [name, processes.length]))

const connectionsOf = (processes: Processes[string] = []): number =>
  processes.reduce((sum, { connections = 0 }) => sum + connections, 0)

/** What the SDK promises of the processes of an installation; it has these. */
export function statusSuite(origin: () => Origin, counts: Counts): void {
  test('the processes of each service are told, ready, with how many connections they have', async () => {
    const { url } = origin()
    const { token } = await person(origin(), 'alice')
    const ask = () => getProcesses({ url, token })
    await expect.poll(async () => countsOf(await ask())).toEqual(counts)
    for (const { missing, since } of Object.values(await ask()).flat()) {
      expect(missing).toEqual([])
      expect(Math.abs(Date.now() - since)).toBeLessThan(600_000)
    }
    const ides = Array.from({ length: 3 }, () => connectIde({ url, token }))
    await Promise.all(ides.map(({ opened }) => opened))
    const connections = async () => connectionsOf((await ask())['ide'])
    await expect.poll(connections, { timeout: 10_000 }).toBe(3)
    for (const ide of ides) ide.close()
    await Promise.all(ides.map(({ closed }) => closed))
  })

  test('nobody without an account is told of processes', async () => {
    await expect(getProcesses({ url: origin().url, token: 'x' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      status: 401,
      retryable: false,
    })
  })
}

async function counts(installation: Installation): Promise<Counts> {
  const { token } = await person(installation, 'alice')
  return countsOf(await getProcesses({ url: installation.url, token }))
}

/** Of nemesis' two processes one stops and the other is killed, which is told once its lease is over: {@link isOver}. */
export function end(installation: () => Installation): void {
  test('a process that stops is told of no more from then on', async () => {
    const [first, second] = installation().members.nemesis
    await first?.stop('SIGTERM')
    expect(await counts(installation())).toMatchObject({ nemesis: 1 })
    await second?.stop('SIGKILL')
  })
}

/** Comes a while after {@link end}. */
export function isOver(installation: () => Installation): void {
  test('a process that was killed is told of no more once its lease is over', async () => {
    await expect.poll(() => counts(installation()), { timeout: 20_000 }).toMatchObject({ nemesis: 0 })
  }, 30_000)
}
