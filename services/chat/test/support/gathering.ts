import { eventually } from '@switchboard/testing/eventually'
import { expect } from 'vitest'
import type { Cluster } from './cluster.ts'
import type { Person } from './people.ts'
import { Wanderer } from './wanderer.ts'

export interface Gathering extends AsyncDisposable {
  wanderers: Wanderer[]
  /** Everyone has heard all that is stored, each message once, all in its order; and all that was acknowledged is. */
  hasHeardAll(withinMs: number): Promise<void>
}

/** People in one room, spread over the processes, who have heard a first message each. */
export async function gather(
  cluster: Cluster,
  wsUrls: readonly string[],
  room: string,
  people: readonly Person[],
): Promise<Gathering> {
  const stack = new AsyncDisposableStack()
  const wanderers = people.map((person, index) => stack.use(new Wanderer(wsUrls, room, person, index)))
  await eventually(() => wanderers.every(({ connected }) => connected), { what: 'all are in' })
  wanderers[0]?.say('first')
  await eventually(() => wanderers.every(({ heard }) => heard.length > 0), { what: 'all have heard' })

  return {
    wanderers,
    async hasHeardAll(withinMs) {
      const answered = () => wanderers.every((wanderer) => wanderer.connected && wanderer.answered)
      await eventually(answered, { what: 'all that was said came back', withinMs })
      const stored = await cluster.storedTexts(room)
      const enough = () => wanderers.every(({ heard }) => heard.length >= stored.length)
      await eventually(enough, { what: 'all have heard as much as is stored', withinMs })
      for (const { texts, missedMore } of wanderers) {
        expect(texts).toEqual(stored)
        expect(missedMore).toBe(false)
      }
      expect(new Set(stored).size).toBe(stored.length)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
