import type { Sender } from '../domain/rooms/sender.ts'

/** What the service keeps for one connection. */
export interface Session {
  roomId: string
  /** Absent: a guest, who must not speak. */
  speaker: { id: number; username: string; sender: Sender } | undefined
  /** Stops what was begun for it: leaves the room and presence. */
  release(): Promise<void>
}
