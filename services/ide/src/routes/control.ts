import type { Broker, Unsubscribe } from '@switchboard/hub/broker'
import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import { keepSubscribed } from '@switchboard/hub/keep-subscribed'
import { jsonDecoder } from '@switchboard/protocol/decode'
import { Type } from 'typebox'
import { type Session, serially } from './session.ts'
import type { Spaces } from './spaces.ts'
import { CONTROL, personTopic } from './topics.ts'

/** These people (by key) may not be in the space any more. */
const Closed = Type.Object({ space: Type.String(), people: Type.Array(Type.String()) })
const decodeClosed = jsonDecoder(Closed)

/** Tells every process, this one included, that a space is closed to some people. */
export const publishClosed = (broker: Broker, space: string, people: string[]): void =>
  broker.publish({ topic: CONTROL, payload: Buffer.from(JSON.stringify({ space, people })) })

interface Parts {
  broker: Broker
  hub: Hub<Session>
  spaces: Spaces
  /** Every connection of this process. */
  connections(): Iterable<Connection<Session>>
  onError(error: unknown): void
}

/** Takes people out of spaces that were closed to them, wherever that was decided. */
export async function watchClosed({
  broker,
  hub,
  spaces,
  connections,
  onError,
}: Parts): Promise<Unsubscribe> {
  const change = ({ session }: Connection<Session>, work: () => Promise<void>) =>
    void serially(session, work).catch(onError)

  const unsubscribe = await keepSubscribed(broker, CONTROL, ({ payload }) => {
    const closed = decodeClosed(payload.toString())
    if (!closed.ok) return
    const { space, people } = closed.value
    for (const key of people)
      for (const connection of hub.members(personTopic(key)))
        change(connection, () => spaces.expel(connection, space))
  })

  // What was published while the bus was away is lost.
  const unwatch = broker.onChange((up) => {
    if (!up) return
    for (const connection of connections())
      for (const space of connection.session.spaces.keys())
        change(connection, () => spaces.recheck(connection, space))
  })

  return () => {
    unsubscribe()
    unwatch()
  }
}
