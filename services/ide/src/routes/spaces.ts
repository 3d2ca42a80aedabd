import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import type { Gone, Presence } from '@switchboard/hub/presence'
import { spaceTopic } from '@switchboard/protocol/between'
import { encodeDown, type UpEvent } from '@switchboard/protocol/ide'
import { isOpenTo, isRepoId, others, type Standing } from '../domain/spaces.ts'
import type { Session } from './session.ts'
import { spaceOf } from './topics.ts'

export type Standings = (space: string, accountId: number) => Promise<Standing>

interface Parts {
  hub: Hub<Session>
  presence: Presence
  standing: Standings
}

/** What came of asking to enter. `first`: nobody of that person was there before. */
export type Entered = 'FORBIDDEN' | { first: boolean }

/** The spaces, as far as this process' connections are in them. Calls reject where what they need is away. */
export function createSpaces({ hub, presence, standing }: Parts) {
  async function mayEnter(space: string, accountId: number): Promise<boolean> {
    return !isRepoId(space) || isOpenTo(await standing(space, accountId))
  }

  /** Puts a connection into a space. It hears of others there from {@link attend} on. */
  async function admit(id: string, session: Session, space: string): Promise<Entered> {
    if (!(await mayEnter(space, session.accountId))) return 'FORBIDDEN'
    const { me, since } = session
    session.spaces.set(space, Date.now())
    const entry = { connection: id, person: me.key, since, info: me.name }
    const entered = await presence.enter(spaceTopic(space), entry)
    session.account.changed()
    return entered
  }

  async function attend(connection: Connection<Session>, space: string, first: boolean): Promise<void> {
    await hub.enter(connection, spaceTopic(space))
    const joined = encodeDown('joined', { user: connection.session.me.name, space })
    if (first) hub.publish(spaceTopic(space), joined, { except: connection.id })
  }

  /** Takes a connection out of a space; nothing happens where it is not in it. */
  async function leave(id: string, session: Session, space: string): Promise<void> {
    if (!session.spaces.delete(space)) return
    session.account.changed()
    const connection = hub.connection(id)
    if (connection) hub.leave(connection, spaceTopic(space))
    const left = await presence.leave(spaceTopic(space), id)
    if (left?.last) hub.publish(spaceTopic(space), encodeDown('died', { user: session.me.name, space }))
  }

  function refuse(
    connection: Connection<Session>,
    event: UpEvent,
    space: string,
    code: 'FORBIDDEN' | 'UNAVAILABLE',
  ): void {
    connection.send(encodeDown('error', { event, space, code }))
  }

  /** The space was closed to the person: out, at once. */
  async function expel(connection: Connection<Session>, space: string): Promise<void> {
    if (!connection.session.spaces.has(space)) return
    refuse(connection, 'join', space, 'FORBIDDEN')
    await leave(connection.id, connection.session, space)
  }

  return {
    admit,
    attend,
    leave,
    refuse,
    expel,

    /** For what may have been missed: expels where the space is closed to the person by now. */
    async recheck(connection: Connection<Session>, space: string): Promise<void> {
      if (!(await mayEnter(space, connection.session.accountId))) await expel(connection, space)
    },

    async list(connection: Connection<Session>, space: string): Promise<void> {
      // Expelled since it asked.
      if (!connection.session.spaces.has(space)) return refuse(connection, 'list', space, 'FORBIDDEN')
      const present = await presence.list(spaceTopic(space))
      connection.send(encodeDown('list', others(present, connection.session.me)))
    },

    /** An entry of a process that died. */
    expired({ place, entry, last }: Gone): void {
      const space = spaceOf(place)
      if (space === undefined || !last) return
      const user = typeof entry.info === 'string' ? entry.info : entry.person
      hub.publish(place, encodeDown('died', { user, space }))
    },
  }
}

export type Spaces = ReturnType<typeof createSpaces>
