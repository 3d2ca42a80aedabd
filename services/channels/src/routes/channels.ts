import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import { channelTopic } from '@switchboard/protocol/between'
import { entryOf, type Session } from './session.ts'

/** Entering and leaving channels. */
export function createChannels({ hub, presence }: { hub: Hub<Session>; presence: Presence }) {
  return {
    /** Rejects where presence or the bus is away. */
    async enter(connection: Connection<Session>, channel: string, frame: string): Promise<void> {
      const { id, session } = connection
      const topic = channelTopic(channel)
      session.channels.set(channel, Date.now())
      try {
        await presence.enter(topic, entryOf(id, session, session.nick.name))
        await hub.enter(connection, topic)
      } catch (error) {
        session.channels.delete(channel)
        await presence.leave(topic, id).catch(() => {})
        throw error
      }
      session.reported?.changed()
      if (connection.open) hub.publish(topic, frame)
    },

    /** Where presence is away, the others are told once it is back. */
    async leave(connection: Connection<Session>, channel: string, frame: string): Promise<void> {
      const { id, session } = connection
      const topic = channelTopic(channel)
      session.channels.delete(channel)
      session.reported?.changed()
      try {
        await presence.leave(topic, id)
        hub.publish(topic, frame)
      } catch {
        connection.send(frame)
      }
      hub.leave(connection, topic)
    },
  }
}

export type Channels = ReturnType<typeof createChannels>
