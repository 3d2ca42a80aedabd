import type { Numbered } from './message.ts'

/** What is needed of the store: for each room the messages after a number, ascending, `limit` of them at most. */
export type ReadAfter = (
  rooms: readonly RoomAfter[],
  limit: number,
) => Promise<Map<string, Numbered<Buffer>[]>>

export interface RoomAfter {
  roomId: string
  after: number
}

interface Answer {
  read(found: readonly Numbered<Buffer>[], more: boolean): void
  unread(): void
}

/** Messages of one room that are read at once. */
const READ_MAX = 500

/** Reads rooms, all that asked at one time with one query, one query at a time. */
export function createReader(readAfter: ReadAfter, onError: (error: unknown) => void) {
  let asked = new Map<string, { after: number; answer: Answer }>()
  let reading = false

  async function readAll(): Promise<void> {
    reading = true
    while (asked.size > 0) {
      const round = asked
      asked = new Map()
      const rooms = [...round].map(([roomId, { after }]) => ({ roomId, after }))
      try {
        const found = await readAfter(rooms, READ_MAX)
        for (const [roomId, { answer }] of round) {
          const messages = found.get(roomId) ?? []
          answer.read(messages, messages.length === READ_MAX)
        }
      } catch (error) {
        onError(error)
        for (const { answer } of round.values()) answer.unread()
      }
    }
    reading = false
  }

  return (room: RoomAfter, answer: Answer): void => {
    asked.set(room.roomId, { after: room.after, answer })
    if (!reading) void readAll()
  }
}
