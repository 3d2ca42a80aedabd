import { randomUUID } from 'node:crypto'
import { channelTopic, registrationsTopic, relayedTopic, spaceTopic } from '@switchboard/protocol/between'
import { LIMITS } from '@switchboard/protocol/limits'
import type { Clock } from '../../domain/clock.ts'
import { createBusOrigin } from '../../domain/links/bus-origin.ts'
import { type LinkKind, type Origin, originKey } from '../../domain/links/link.ts'
import { READERS } from '../../domain/links/notices.ts'
import type { Place } from '../../domain/links/origins.ts'
import { createPace } from '../../domain/links/pace.ts'
import type { Post } from '../../domain/links/poster.ts'
import { createRoomOrigin, type RoomOriginOptions } from '../../domain/links/room-origin.ts'
import type { Said } from '../../domain/links/said.ts'
import type { LinkTable } from '../../domain/links/table.ts'
import { roomPlace } from '../room.ts'

export interface PlacesOptions {
  table: LinkTable
  recipients(origin: Origin, batch: readonly Said[]): Promise<Post>
  post(post: Post): Promise<void>
  store: RoomOriginOptions['store']
  /** Tells other processes what was brought on of an origin. */
  done(key: string, ids: readonly string[]): void
  clock: Clock
  /** `false`: as fast as it can. */
  limits: boolean
  onError(error: unknown): void
}

const TOPIC_OF: Readonly<Record<LinkKind, (target: string) => string>> = {
  channel: channelTopic,
  relay: relayedTopic,
  space: spaceTopic,
  college: registrationsTopic,
}

/** Opens origins in this process: which topic each one is heard on, and what is done with what is said there. */
export function createPlaces({
  table,
  recipients,
  post,
  store,
  done,
  clock,
  limits,
  onError,
}: PlacesOptions) {
  const common = (origin: Origin) => ({
    clock,
    pace: createPace(limits && LIMITS.messages, () => clock.now()),
    async postOf(batch: readonly Said[]) {
      await table.settled()
      return recipients(origin, batch)
    },
    post,
    onError,
  })

  function openRoom(origin: Origin): Place {
    const work = createRoomOrigin({ ...common(origin), roomId: origin.target, store })
    return { work, topic: { name: roomPlace(origin.target), always: false, hear: () => work.wake() } }
  }

  function openTopic(kind: LinkKind, target: string): Place {
    const origin = { kind, target }
    const work = createBusOrigin({ ...common(origin), done: (ids) => done(originKey(origin), ids) })
    const hear: Place['topic']['hear'] = ({ id, payload }) => {
      const shown = table.graph.linksTo(kind, target)[0]?.shown ?? ''
      const said = READERS[kind](payload.toString(), shown)
      if (said) work.hear({ ...said, id: said.id ?? id ?? randomUUID() })
    }
    return { work, topic: { name: TOPIC_OF[kind](target), always: true, hear }, settle: work.settle }
  }

  return (origin: Origin): Place =>
    origin.kind === 'room' ? openRoom(origin) : openTopic(origin.kind, origin.target)
}
