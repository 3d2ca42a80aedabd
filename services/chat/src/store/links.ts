import type { StoredMessage } from '@switchboard/protocol/chat'
import type { Link, LinkKind } from '../domain/links/link.ts'
import type { Numbered } from '../domain/rooms/message.ts'
import type { Client } from './client.ts'
import { messageOf } from './messages.ts'

interface NewLink {
  id: string
  roomId: string
  kind: LinkKind
  target: string
  shown: string
}

export interface LinkRow extends NewLink {
  created: Date
}

const oldestFirst = [{ created: 'asc' }, { id: 'asc' }] as const

// The table holds what `add` put in.
const rowOf = ({ kind, ...rest }: Omit<LinkRow, 'kind'> & { kind: string }): LinkRow => ({
  ...rest,
  kind: kind as LinkKind,
})

/** What rooms are linked to, and how far that was brought on. Every call rejects where the database does not answer. */
export function createLinkStore(client: Client) {
  return {
    /** Of all rooms. */
    async all(): Promise<Link[]> {
      const rows = await client.link.findMany({ include: { room: { select: { owner: true } } } })
      return rows.map(({ room, ...row }) => ({ ...rowOf(row), owner: room.owner ?? 0 }))
    },

    async ofRoom(roomId: string): Promise<LinkRow[]> {
      return (await client.link.findMany({ where: { roomId }, orderBy: [...oldestFirst] })).map(rowOf)
    },

    /**
     * `undefined`: the room has `max` already. What was said before the room's first link to a channel is not brought
     * on. The room is locked, so that two at once count each other.
     */
    async add(link: NewLink, max: number): Promise<{ link: LinkRow; made: boolean } | undefined> {
      const { roomId, kind, target } = link
      return client.$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT FROM chat.room WHERE id = ${roomId}::uuid FOR UPDATE`
        const links = await transaction.link.findMany({ where: { roomId } })
        const same = links.find((one) => one.kind === kind && one.target === target)
        if (same) return { link: rowOf(same), made: false }
        if (links.length >= max) return undefined
        if (kind === 'channel' && !links.some((one) => one.kind === 'channel')) {
          await transaction.$executeRaw`UPDATE chat.room SET forwarded = last_number WHERE id = ${roomId}::uuid`
        }
        return { link: rowOf(await transaction.link.create({ data: link })), made: true }
      })
    },

    /** Answers what is gone; `undefined`: the room has no such link. */
    async remove(
      roomId: string,
      which: { id: string } | { kind: LinkKind; target: string },
    ): Promise<LinkRow | undefined> {
      const found = await client.link.findFirst({ where: { roomId, ...which } })
      if (!found) return undefined
      const { count } = await client.link.deleteMany({ where: { id: found.id } })
      return count > 0 ? rowOf(found) : undefined
    },

    /** The room's oldest messages that were not brought on yet, ascending. */
    async unforwarded(roomId: string, limit: number): Promise<Numbered<StoredMessage>[]> {
      const room = await client.room.findUnique({ where: { id: roomId }, select: { forwarded: true } })
      if (!room) return []
      const where = { roomId, number: { gt: room.forwarded } }
      const rows = await client.message.findMany({ where, orderBy: { number: 'asc' }, take: limit })
      return rows.map((row) => ({ number: row.number, item: messageOf(row) }))
    },

    /** The room's messages are brought on up to this number. */
    async forwarded(roomId: string, number: number): Promise<void> {
      const where = { id: roomId, forwarded: { lt: number } }
      await client.room.updateMany({ where, data: { forwarded: number } })
    },

    /** Of these rooms, those that hold something to bring on. */
    async unfinished(roomIds: readonly string[]): Promise<string[]> {
      const rows = await client.$queryRaw<{ id: string }[]>`
        SELECT id::text AS id FROM chat.room WHERE id = ANY(${[...roomIds]}::uuid[]) AND last_number > forwarded`
      return rows.map(({ id }) => id)
    },
  }
}
