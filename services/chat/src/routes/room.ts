/** A room as the routes know it. */
export interface Room {
  id: string
  name: string
  /** The account that first entered it with a token; `null`: nobody did. */
  owner: number | null
}

export interface RoomFinder {
  byName(name: string): Promise<Room | undefined>
  /** Made where there is none yet, and the account's where it is nobody's. */
  findOrCreate(name: string, account: number | undefined): Promise<Room>
}

/** The place of its members in presence, its topic on the bus and in the hub. */
export const roomPlace = (roomId: string): string => `chat:room:${roomId}`
