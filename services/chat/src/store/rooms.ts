import { LRUCache } from 'lru-cache'
import type { Client } from './client.ts'

interface RoomRow {
  id: string
  name: string
  /** The account that first entered it with a token; `null`: nobody did. */
  owner: number | null
}

/** Every call rejects where the database does not answer. */
interface RoomStore {
  byName(name: string): Promise<RoomRow | undefined>
  exists(id: string): Promise<boolean>
  /**
   * The room of that name, made with `id` where there is none yet; several may ask at once. It becomes the account's
   * where it is nobody's.
   */
  findOrCreate(name: string, id: string, account: number | undefined): Promise<RoomRow>
  /** The number of its newest message, 0 before the first. */
  lastNumber(id: string): Promise<number>
}

/** Rooms that a process remembers, a few hundred bytes each. A room stays, and so do its id and its owner. */
const REMEMBERED_MAX = 10_000

const select = { id: true, name: true, owner: true } as const

export function createRoomStore(client: Client): RoomStore {
  const remembered = new LRUCache<string, RoomRow>({ max: REMEMBERED_MAX })

  const byName = async (name: string) =>
    (await client.room.findUnique({ where: { name }, select })) ?? undefined

  /** One of those who ask at once gets it. */
  async function own(room: RoomRow, account: number): Promise<RoomRow> {
    await client.room.updateMany({ where: { id: room.id, owner: null }, data: { owner: account } })
    return client.room.findUniqueOrThrow({ where: { id: room.id }, select })
  }

  async function findOrCreate(name: string, id: string, account: number | undefined): Promise<RoomRow> {
    let room = await byName(name)
    if (!room) {
      await client.room.createMany({ data: { id, name, owner: account ?? null }, skipDuplicates: true })
      room = await client.room.findUniqueOrThrow({ where: { name }, select })
    }
    return account !== undefined && room.owner === null ? own(room, account) : room
  }

  return {
    byName,
    exists: async (id) => (await client.room.count({ where: { id } })) > 0,
    async findOrCreate(name, id, account) {
      const known = remembered.get(name)
      if (known) return known
      const room = await findOrCreate(name, id, account)
      // Until somebody owns it, the next one may.
      if (room.owner !== null) remembered.set(name, room)
      return room
    },
    async lastNumber(id) {
      const room = await client.room.findUniqueOrThrow({ where: { id }, select: { lastNumber: true } })
      return room.lastNumber
    },
  }
}
