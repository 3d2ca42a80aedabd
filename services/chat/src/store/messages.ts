import { encodeMessage, type StoredMessage, type Via } from '@switchboard/protocol/chat'
import type { Missed } from '../domain/rooms/catch-up.ts'
import type { Numbered } from '../domain/rooms/message.ts'
import type { RoomAfter } from '../domain/rooms/reader.ts'
import type { Client } from './client.ts'

interface MessageQuery {
  roomId?: string | undefined
  accountId?: number | undefined
  before?: number | undefined
  count: number
}

interface Row {
  id: string
  number: number
  accountId: number
  username: string
  via: string | null
  textJson: string
  sent: Date
}

export const messageOf = ({ id, accountId, username, via, textJson, sent }: Row): StoredMessage => ({
  id,
  sender: via === null ? { id: accountId, username } : { id: accountId, username, via: via as Via },
  textJson,
  createTime: Math.floor(sent.getTime() / 1000),
})

const encoded = (row: Row): Numbered<string> => ({ number: row.number, item: encodeMessage(messageOf(row)) })

/** One index scan for each room; the parameter is `[{"roomId": …, "after": …}]`. */
const READ_AFTER = `
  SELECT asked."roomId"::text AS "roomId", m.id::text AS id, m.number, m.account_id AS "accountId", m.username,
         m.via, m.text_json AS "textJson", m.sent
  FROM json_to_recordset($1::text::json) AS asked ("roomId" uuid, after int)
  CROSS JOIN LATERAL (
    SELECT * FROM chat.message WHERE room_id = asked."roomId" AND number > asked.after ORDER BY number LIMIT $2::int
  ) AS m
  ORDER BY m.number`

/** What was said. Every call rejects where the database does not answer. */
export function createMessageStore(client: Client) {
  async function numberOf(roomId: string, id: string): Promise<number | undefined> {
    const found = await client.message.findUnique({ where: { id, roomId }, select: { number: true } })
    return found?.number
  }

  return {
    /** Which message of the room it is, from 1; `undefined` where the room has no such message. */
    numberOf,

    async byId(id: string): Promise<StoredMessage | undefined> {
      const row = await client.message.findUnique({ where: { id } })
      return row ? messageOf(row) : undefined
    },

    /** The newest `count`, of those whose numbers are below `before`; oldest first. */
    async newest({ roomId, accountId, before, count }: MessageQuery): Promise<StoredMessage[]> {
      const rows = await client.message.findMany({
        where: {
          ...(roomId && { roomId }),
          ...(accountId !== undefined && { accountId }),
          ...(before !== undefined && { number: { lt: before } }),
        },
        orderBy: roomId ? { number: 'desc' } : [{ sent: 'desc' }, { number: 'desc' }],
        take: count,
      })
      return rows.reverse().map(messageOf)
    },

    /** What came in the room after the message `after`, the newest `limit` of it; the newest where it is none of the room's. */
    async missed(roomId: string, after: string | undefined, limit: number): Promise<Missed> {
      const start = after === undefined ? undefined : await numberOf(roomId, after)
      const rows = await client.message.findMany({
        where: { roomId, number: { gt: start ?? 0 } },
        orderBy: { number: 'desc' },
        take: limit + 1,
      })
      const more = start === undefined || rows.length > limit
      return { messages: rows.slice(0, limit).reverse().map(encoded), more }
    },

    /** For each room the messages after a number, ascending, `limit` of them at most. */
    async readAfter(rooms: readonly RoomAfter[], limit: number): Promise<Map<string, Numbered<Buffer>[]>> {
      const rows = await client.$queryRawUnsafe<(Row & { roomId: string })[]>(
        READ_AFTER,
        JSON.stringify(rooms),
        limit,
      )
      const byRoom = new Map<string, Numbered<Buffer>[]>()
      for (const row of rows) {
        const { number, item } = encoded(row)
        const known = byRoom.get(row.roomId) ?? []
        byRoom.set(row.roomId, known)
        known.push({ number, item: Buffer.from(item) })
      }
      return byRoom
    },
  }
}
