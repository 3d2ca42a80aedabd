import type { Who } from '@switchboard/auth/tokens'
import type { Presence } from '@switchboard/hub/presence'
import { unavailable } from '@switchboard/kit/http-error'
import type { FastifyRequest } from 'fastify'
import type { Feed, Feeds } from '../domain/rooms/feeds.ts'
import { enterPresence } from './people.ts'
import type { Room, RoomFinder } from './room.ts'
import { nameInPath } from './rooms.ts'
import { whoJoins } from './who.ts'

/** A connection before its 101: known to presence and following its room, not yet in the hub. */
export interface Admission {
  id: string
  /** Absent: a guest. */
  who: Who | undefined
  room: Room
  feed: Feed
  /** The message that the client saw last. */
  after: string | undefined
  /** Takes all of it back. */
  release(): Promise<void>
  /** The connection is the hub's now, who tells when it is closed. */
  taken(): void
}

export interface AdmissionOptions {
  presence: Presence
  rooms: Pick<RoomFinder, 'findOrCreate'>
  feeds: Feeds
  nextId(): string
  /** Presence could not be left. */
  onError(error: unknown): void
}

/** A query may name a parameter twice; the first one counts. An empty one is none. */
function afterIn(query: unknown): string | undefined {
  const { after } = query as { after?: string | string[] }
  return (Array.isArray(after) ? after[0] : after) || undefined
}

async function openFeed(feeds: Feeds, room: Room): Promise<Feed> {
  try {
    return await feeds.open(room.id)
  } catch (error) {
    throw unavailable(error)
  }
}

/** Checks name and token, follows the room and enters presence: whoever gets the 101 is there and misses nothing. */
export async function admit(request: FastifyRequest, options: AdmissionOptions): Promise<Admission> {
  const { presence, rooms, feeds, nextId, onError } = options
  const { socket } = request.raw
  const name = nameInPath((request.params as { room: string }).room)
  const who = await whoJoins(request)
  const room = await rooms.findOrCreate(name, who?.accountId)
  const feed = await openFeed(feeds, room)
  const id = nextId()
  let leave: (() => Promise<void>) | undefined
  const release = async () => {
    feed.close()
    const leaving = leave?.()
    leave = undefined
    await leaving
  }
  const giveUp = () => void release().catch(onError)
  try {
    if (who) leave = await enterPresence(presence, id, who, room)
  } catch (error) {
    feed.close()
    throw unavailable(error)
  }
  // From here on the socket tells when it closes, also where the handshake itself is refused.
  if (socket.destroyed) giveUp()
  else socket.once('close', giveUp)
  return {
    id,
    who,
    room,
    feed,
    after: afterIn(request.query),
    release,
    taken: () => void socket.off('close', giveUp),
  }
}
