import { setTimeout as wait } from 'node:timers/promises'
import type { Running } from '@switchboard/testing/process'
import type { Closed } from '@switchboard/testing/socket'
import { expect } from 'vitest'
import type { Cluster } from './cluster.ts'
import { gather } from './gathering.ts'
import { join, membersOf, type Person } from './people.ts'
import { chatter } from './wanderer.ts'
import { askPresence, heardOf, watchPresence } from './whereabouts.ts'

/** How long something is away. */
const OUTAGE_MS = 5000

export interface OutageOptions {
  cluster: Cluster
  /** The processes; people are in both. */
  between: readonly [Running, Running]
  room: string
  /** Eight of them. */
  people: readonly Person[]
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

export interface Outlived {
  /** How many messages each heard meanwhile. */
  heardMeanwhile: number[]
  /** How connections of those who stayed ended. */
  closes: Closed[]
}

/**
 * People talk while something is away; one leaves meanwhile, one is refused. In the end everyone has heard everything,
 * and nobody is there who is not.
 */
export async function outlive({
  cluster,
  between,
  room,
  people,
  begin,
  end,
}: OutageOptions): Promise<Outlived> {
  const [one, two] = between
  const [lister, leaver, stayer, late] = people.slice(4) as [Person, Person, Person, Person]
  await using gathering = await gather(cluster, [one.wsUrl, two.wsUrl], room, people.slice(0, 4))
  await using leaving = await join(one.wsUrl, room, leaver)
  await using _staying = await join(one.wsUrl, room, stayer)
  await using watching = await watchPresence(two.wsUrl, lister.token, [leaver.username])
  await heardOf(watching, leaver.username, (places) => places.includes(room))
  const hush = chatter(gathering.wanderers, 20)
  await begin()
  leaving.client.ws.close()
  await leaving.closed
  await expect(join(one.wsUrl, room, late)).rejects.toMatchObject({ status: 503 })
  const before = gathering.wanderers.map(({ heard }) => heard.length)
  await wait(OUTAGE_MS)
  const heardMeanwhile = gathering.wanderers.map(({ heard }, who) => heard.length - (before[who] ?? 0))
  await end()
  await hush()
  await gathering.hasHeardAll(20_000)
  const present = [...people.slice(0, 4), stayer].map(({ username }) => username).sort()
  for (const { url } of between)
    await expect.poll(() => membersOf(url, room), { timeout: 20_000 }).toEqual(present)
  await heardOf(watching, leaver.username, (places) => places.length === 0)
  const { data } = await askPresence(two.url, [stayer.username], lister.token)
  expect(data.users[stayer.username]).toMatchObject([{ place: room }])
  return { heardMeanwhile, closes: gathering.wanderers.flatMap((wanderer) => wanderer.closes) }
}
