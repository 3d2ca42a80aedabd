import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import { channelTopic } from '@switchboard/protocol/between'
import { entryOf, type Session } from './session.ts'

/** Entering and leaving channels. Calls reject where presence or the bus is away. */
export function createChannels({ hub, presence }: { hub: Hub<Session>; presence: Presence }) {
  return {
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

    async leave(connection: Connection<Session>, channel: string, frame: string): Promise<void> {
      const { id, session } = connection
      const topic = channelTopic(channel)
      await presence.leave(topic, id)
      session.channels.delete(channel)
      session.reported?.changed()
      hub.publish(topic, frame)
      hub.leave(connection, topic)
    },
  }
}

export type Channels = ReturnType<typeof createChannels>
