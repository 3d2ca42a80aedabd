import type { Client } from './client.ts'

interface RoomRow {
  id: string
  name: string
}

/** Every call rejects where the database does not answer. */
interface RoomStore {
  byName(name: string): Promise<RoomRow | undefined>
  exists(id: string): Promise<boolean>
  /** The room of that name, made with `id` where there is none yet; several may ask at once. */
  findOrCreate(name: string, id: string): Promise<RoomRow>
  /** The number of its newest message, 0 before the first. */
  lastNumber(id: string): Promise<number>
}

const select = { id: true, name: true } as const

export function createRoomStore(client: Client): RoomStore {
  const byName = async (name: string) =>
    (await client.room.findUnique({ where: { name }, select })) ?? undefined

  return {
    byName,
    exists: async (id) => (await client.room.count({ where: { id } })) > 0,
    async findOrCreate(name, id) {
      const known = await byName(name)
      if (known) return known
      await client.room.createMany({ data: { id, name }, skipDuplicates: true })
      return client.room.findUniqueOrThrow({ where: { name }, select })
    },
    async lastNumber(id) {
      const room = await client.room.findUniqueOrThrow({ where: { id }, select: { lastNumber: true } })
      return room.lastNumber
    },
  }
}
