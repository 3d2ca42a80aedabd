import type { Presence } from '@switchboard/hub/presence'
import { HttpError, unavailable } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, parseRoomName } from '@switchboard/protocol/chat'
import { success } from './answers.ts'
import { listUsers } from './people.ts'
import { type Room, type RoomFinder, roomPlace } from './room.ts'

export interface RoomOptions {
  rooms: Pick<RoomFinder, 'byName'>
  presence: Presence
}

/** A room's name in a path, or the answer that ends the request. */
export function nameInPath(raw: string): string {
  const name = parseRoomName(raw)
  if (!name.ok) throw new HttpError('BAD_BINDING', name.error)
  return name.value
}

export function roomRoutes(app: Server, { rooms, presence }: RoomOptions): void {
  async function find(raw: string): Promise<Room> {
    const room = await rooms.byName(nameInPath(raw))
    if (!room) throw new HttpError('ROOM_NOT_FOUND', 'nobody has joined such a room yet')
    return room
  }

  async function membersOf({ id }: Room) {
    try {
      return await listUsers(presence, roomPlace(id))
    } catch (error) {
      throw unavailable(error)
    }
  }

  app.get<{ Params: { room: string } }>(
    '/api/v1/rooms/:room',
    { schema: { response: { 200: ANSWERS.room } } },
    async (request) => {
      const room = await find(request.params.room)
      return success({ id: room.id, name: room.name, members: await membersOf(room) })
    },
  )

  app.get<{ Params: { room: string } }>(
    '/api/v1/rooms/:room/users',
    { schema: { response: { 200: ANSWERS.users } } },
    async (request) => success(await membersOf(await find(request.params.room))),
  )
}
