import type { Broker } from '@switchboard/hub/broker'
import { createHearing } from '@switchboard/hub/hearing'
import { keepSubscribed } from '@switchboard/hub/keep-subscribed'
import type { Presence } from '@switchboard/hub/presence'
import { Unavailable } from '@switchboard/hub/unavailable'
import { LINKS_CHANGED } from '@switchboard/protocol/between'
import { jsonDecoder } from '@switchboard/protocol/decode'
import { Type } from 'typebox'
import { type Clock, sleep } from '../../domain/clock.ts'
import type { Link } from '../../domain/links/link.ts'
import { createOrigins } from '../../domain/links/origins.ts'
import { createPoster, type PosterOptions } from '../../domain/links/poster.ts'
import { createRecipients } from '../../domain/links/recipients.ts'
import type { RoomOriginOptions } from '../../domain/links/room-origin.ts'
import { createLinkTable } from '../../domain/links/table.ts'
import type { Floor } from '../floor.ts'
import { idOf } from './ids.ts'
import { createPlaces } from './places.ts'
import type { LinkQuestions } from './questions.ts'

export interface LinkingOptions {
  broker: Broker
  presence: Presence
  floor: Pick<Floor, 'publish'>
  store: RoomOriginOptions['store'] &
    PosterOptions['store'] & {
      all(): Promise<Link[]>
      unfinished(roomIds: readonly string[]): Promise<string[]>
    }
  questions: LinkQuestions
  /** This process, as it claims: an id that no connection has. */
  me: string
  clock: Clock
  /** `false`: as fast as it can. */
  limits: boolean
  onError(error: unknown): void
}

/** Everything that links do, in this process. */
export interface Linking {
  /** Links that there are. */
  readonly size: number
  /** Messages that wait here, and those that there was no room for. */
  waiting(): number
  lost(): number
  /** Links were changed here: tells every process, and resolves once this one follows them. */
  changed(): Promise<void>
  close(): Promise<void>
}

/** The ids that a process brought on of an origin. */
const DONE = 'chat:links:done'
const decodeDone = jsonDecoder(Type.Object({ origin: Type.String(), ids: Type.Array(Type.String()) }))

const claimOf = (key: string): string => `chat:link:${key}`

/** Longest that a stop waits for what links have in hand. */
const CLOSE_MS = 4000

/** Longest that an owner waits for the links to be followed: the database or the bus may have gone meanwhile. */
const FOLLOW_MS = 2000

/** Milliseconds that others may need to be back on the bus after this process is: a second between tries, 2 s for one. */
const OTHERS_BACK_MS = 3000

export async function startLinking(options: LinkingOptions): Promise<Linking> {
  const { broker, presence, floor, store, questions, me, clock, limits, onError } = options
  const table = createLinkTable({ read: () => store.all(), clock, onError })
  const isAway = await broker.ping().then(
    () => false,
    () => true,
  )
  const hearing = createHearing(broker, OTHERS_BACK_MS, isAway)
  const poster = createPoster({
    store,
    bus: {
      publish: (envelope) => broker.publish(envelope),
      flush: () => broker.flush(),
      async heard() {
        if (!hearing.isGood()) throw new Unavailable('the bus is away, or others may not be back on it')
      },
    },
    onStored: (messages) => messages.forEach(floor.publish),
  })
  const recipients = createRecipients({
    graph: () => table.graph,
    isOpen: (account, space) => questions.isOpen(account, space).catch(() => false),
    idOf,
    now: () => clock.now(),
  })

  const tell = (topic: string, text = '') => broker.publish({ topic, payload: Buffer.from(text) })

  const open = createPlaces({
    table,
    recipients,
    post: poster.post,
    store,
    done: (origin, ids) => tell(DONE, JSON.stringify({ origin, ids })),
    clock,
    limits,
    onError,
  })

  const origins = createOrigins({
    origins: () => table.graph.origins,
    open,
    bus: broker,
    claims: {
      claim: async (key) => (await presence.claim(claimOf(key), me)).ok,
      release: (key) => presence.release(claimOf(key), me),
    },
    unfinished: (ids) => store.unfinished(ids),
    clock,
  })

  async function follow(): Promise<void> {
    await table.refresh()
    await origins.look()
  }

  const stops = [
    hearing.close,
    broker.onChange((up) => void (up && follow())),
    await keepSubscribed(broker, LINKS_CHANGED, () => void follow()),
    await keepSubscribed(broker, DONE, ({ payload }) => {
      const done = decodeDone(payload.toString())
      if (done.ok) origins.settle(done.value.origin, done.value.ids)
    }),
  ]
  void follow()

  return {
    get size() {
      return table.graph.size
    },
    waiting: origins.waiting,
    lost: origins.lost,
    async changed() {
      // First here, so that this process is the one that works on what is new.
      await Promise.race([follow(), sleep(clock, FOLLOW_MS)])
      tell(LINKS_CHANGED)
    },
    async close() {
      for (const stop of stops) stop()
      table.close()
      await Promise.race([origins.close(), sleep(clock, CLOSE_MS)])
      tell(LINKS_CHANGED)
    },
  }
}
