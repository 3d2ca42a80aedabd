import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import { keepEntry } from '@switchboard/hub/kept-entry'
import type { Gone, Presence } from '@switchboard/hub/presence'
import { accountPlace, channelTopic } from '@switchboard/protocol/between'
import { encodeDown, TYPES } from '@switchboard/protocol/channels'
import type { Name } from '@switchboard/protocol/names'
import { refusal } from '../domain/handle.ts'
import { accountInfo, entryOf, nickOf, type Session } from './session.ts'
import { channelOf, DISPLACED, EVERYONE, nickClaim } from './topics.ts'

interface Parts {
  hub: Hub<Session>
  presence: Presence
}

const loggedOut = (user: string): string => encodeDown({ type: TYPES.logout, user })

/**
 * Who is logged in. Calls reject where presence or the bus is away. A nickname is claimed first and given back last, so
 * that whoever has it next is announced after its log-out.
 */
export function createRoster({ hub, presence }: Parts) {
  /** Before the 101: not the hub's yet. */
  const arriving = new Map<string, Session>()

  /** Whoever takes a nickname announces the log-out, so that nobody hears of it after the new log-in. */
  async function displace(id: string): Promise<void> {
    const left = await presence.leave(EVERYONE, id)
    if (left?.last) hub.publish(EVERYONE, loggedOut(nickOf(left.entry)), { except: id })
    hub.publish(DISPLACED, id)
  }

  function closeDisplaced(connection: Connection<Session>): void {
    connection.session.displaced = true
    connection.send(refusal('NICK_IN_USE', 'somebody else has this nickname now'))
    connection.close(1008, 'NICK_IN_USE')
  }

  async function take(id: string, key: string): Promise<void> {
    const { displaced } = await presence.take(nickClaim(key), id)
    if (displaced !== undefined) await displace(displaced)
  }

  async function leaveEveryone(id: string, nick: Name, announced: boolean): Promise<void> {
    const left = await presence.leave(EVERYONE, id)
    if (left?.last && announced) hub.publish(EVERYONE, loggedOut(nick.name), { except: id })
  }

  async function report(id: string, session: Session): Promise<void> {
    const entry = () => entryOf(id, session, accountInfo(session))
    session.reported = keepEntry(presence, accountPlace(session.nick.key), entry)
    await session.reported.enter()
  }

  /** It is the hub's, or will never be. */
  function depart(id: string, session: Session): void {
    arriving.delete(id)
    session.release?.()
  }

  async function list(connection: Connection<Session>, channel: string | undefined): Promise<void> {
    const there = await presence.list(channel === undefined ? EVERYONE : channelTopic(channel))
    const users = [...new Set(there.map(nickOf))]
    connection.send(
      encodeDown(channel === undefined ? { type: TYPES.list, users } : { type: TYPES.list, users, channel }),
    )
  }

  return {
    list,

    /**
     * Before the 101; from here on it is listed. `false`: somebody has the nickname. Where it rejects, `logout` undoes
     * what was done.
     */
    async admit(id: string, session: Session, way: 'claim' | 'take'): Promise<boolean> {
      const { nick } = session
      session.release = await hub.prepare(EVERYONE)
      session.present = true
      arriving.set(id, session)
      if (way === 'take') {
        await take(id, nick.key)
        await report(id, session)
      } else session.present = (await presence.claim(nickClaim(nick.key), id)).ok
      if (session.present) await presence.enter(EVERYONE, entryOf(id, session, nick.name))
      else depart(id, session)
      return session.present
    },

    /** After the 101. */
    async announce(connection: Connection<Session>): Promise<void> {
      const { session, id } = connection
      // Prepared, so it is in it before the first await.
      const entering = hub.enter(connection, EVERYONE)
      depart(id, session)
      if (session.displaced) closeDisplaced(connection)
      if (!connection.open) return
      session.announced = true
      hub.publish(EVERYONE, encodeDown({ type: TYPES.login, user: session.nick.name }))
      await entering
      await list(connection, undefined)
    },

    /** Its nickname became its account's own while it was connected. */
    async promote(id: string, session: Session): Promise<void> {
      if (!session.present || session.reported) return
      await report(id, session).catch(() => session.reported?.changed())
    },

    /** However it ends; the second call does nothing. */
    async logout(id: string, session: Session): Promise<void> {
      if (!session.present) return
      session.present = false
      depart(id, session)
      const { nick, channels, reported, announced } = session
      const leaving = [...channels.keys()].map((channel) => presence.leave(channelTopic(channel), id))
      try {
        await Promise.all([...leaving, reported?.leave()])
      } finally {
        await leaveEveryone(id, nick, announced).finally(() => presence.release(nickClaim(nick.key), id))
      }
    },

    /** A connection lost its nickname; it may be another process'. */
    displaced(id: string): void {
      const connection = hub.connection(id)
      const arrived = arriving.get(id)
      if (connection) closeDisplaced(connection)
      else if (arrived) arrived.displaced = true
    },

    /** An entry of a process that died, or of one that could not say that somebody left. */
    expired({ place, entry, last }: Gone): void {
      const user = nickOf(entry)
      if (place === EVERYONE && last) hub.publish(EVERYONE, loggedOut(user))
      const channel = channelOf(place)
      // Whose connection is gone is only logged out.
      if (channel === undefined || !hub.connection(entry.connection)?.open) return
      hub.publish(place, encodeDown({ type: TYPES.leave, channel, user }))
    },
  }
}

export type Roster = ReturnType<typeof createRoster>
