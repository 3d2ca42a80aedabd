/** A room as the routes know it. */
export interface Room {
  id: string
  name: string
}

export interface RoomFinder {
  byName(name: string): Promise<Room | undefined>
  /** Made where there is none yet. */
  findOrCreate(name: string): Promise<Room>
}

/** The place of its members in presence, its topic on the bus and in the hub. */
export const roomPlace = (roomId: string): string => `chat:room:${roomId}`
