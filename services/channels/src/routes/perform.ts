import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import { unavailable } from '@switchboard/kit/http-error'
import { channelTopic } from '@switchboard/protocol/between'
import type { Effect } from '../domain/effects.ts'
import type { Channels } from './channels.ts'
import type { Registrar } from './registrar.ts'
import type { Roster } from './roster.ts'
import type { Session } from './session.ts'

interface Parts {
  hub: Hub<Session>
  roster: Roster
  channels: Channels
  register: Registrar
  /** Tells a connection that what it asked for failed. */
  failed(error: unknown, connection: Connection<Session>): void
}

/** Bus and presence are all that these need, whatever they throw. */
const orUnavailable = (done: Promise<void>): Promise<void> =>
  done.catch((error: unknown) => {
    throw unavailable(error)
  })

/** Does what the domain decided; rejects where something that it needs is away. Messages, the hot path, make no promise. */
export function createPerformer({ hub, roster, channels, register, failed }: Parts) {
  async function logout(connection: Connection<Session>): Promise<void> {
    try {
      await roster.logout(connection.id, connection.session)
    } finally {
      connection.close(1000)
    }
  }

  /** One at a time. Hashing and the delays of the log-in limits take long, so what comes behind it does not wait. */
  async function startRegistering(connection: Connection<Session>, password: string): Promise<void> {
    const { id, session } = connection
    await session.registering?.done
    const giveUp = new AbortController()
    const done = register(id, session, password, giveUp.signal).then(
      (frame) => connection.send(frame),
      (error: unknown) => failed(error, connection),
    )
    session.registering = { done, giveUp }
  }

  return (connection: Connection<Session>, effect: Effect): void | Promise<void> => {
    switch (effect.kind) {
      case 'reply':
        return connection.send(effect.frame)
      case 'publish':
        return hub.publish(channelTopic(effect.channel), effect.frame)
      case 'enter':
        return orUnavailable(channels.enter(connection, effect.channel, effect.frame))
      case 'leave':
        return orUnavailable(channels.leave(connection, effect.channel, effect.frame))
      case 'list':
        return orUnavailable(roster.list(connection, effect.channel))
      case 'register':
        return startRegistering(connection, effect.password)
      case 'logout':
        return orUnavailable(logout(connection))
    }
  }
}
