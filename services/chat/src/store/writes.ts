import type { Database, Statement } from '@switchboard/kit/database'
import type { Draft } from '../domain/rooms/message.ts'
import type { WriterStore } from '../domain/rooms/writer.ts'
import type { Client } from './client.ts'

/** What is stored already is left out. */
const ONCE = 'WHERE NOT EXISTS (SELECT FROM chat.message AS known WHERE known.id = t.id)'

/**
 * One statement: takes the next numbers of all rooms and stores under them, or does neither. Rooms are locked in the
 * order of their ids, so that two processes never wait for each other, and until the commit, so that numbers become
 * visible in their order. `$1` is the messages as JSON, `$2` the moment by the database's clock after which it is too
 * late; it is compared once all locks are held, because waiting for those takes the time.
 */
const append = (which: string) => `
  WITH incoming AS MATERIALIZED (
    SELECT * FROM ROWS FROM (
      json_to_recordset($1::text::json)
        AS (id uuid, room_id uuid, account_id int, username text, via text, text_json text, sent timestamptz)
    ) WITH ORDINALITY AS t (id, room_id, account_id, username, via, text_json, sent, position)
    ${which}
  ),
  locked AS MATERIALIZED (
    SELECT id FROM chat.room WHERE id IN (SELECT room_id FROM incoming) ORDER BY id FOR UPDATE
  ),
  moment AS MATERIALIZED (SELECT clock_timestamp() AS now FROM (SELECT count(*) FROM locked) AS all_of_them),
  numbered AS (
    UPDATE chat.room SET last_number = last_number + counted.count
    FROM (SELECT room_id, count(*)::int AS count FROM incoming GROUP BY room_id) AS counted, moment
    WHERE room.id = counted.room_id AND moment.now < $2::text::timestamptz
    RETURNING room.id, room.last_number - counted.count AS before
  ),
  stored AS (
    INSERT INTO chat.message (id, room_id, number, account_id, username, via, text_json, sent)
    SELECT i.id, i.room_id, n.before + row_number() OVER (PARTITION BY i.room_id ORDER BY i.position),
           i.account_id, i.username, i.via, i.text_json, i.sent
    FROM incoming i JOIN numbered n ON n.id = i.room_id
    RETURNING id, number
  )
  SELECT (extract(epoch FROM moment.now) * 1000)::float8 AS now, stored.id::text AS id, stored.number
  FROM moment LEFT JOIN stored ON true`

const APPEND = { name: 'chat-append', text: append('') }
const APPEND_ONCE = { name: 'chat-append-once', text: append(ONCE) }

const NOW = {
  name: 'chat-now',
  text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
}

/** Milliseconds since the epoch by the database's clock, and the number of a message where one was stored. */
type Appended = { now: number; id: string; number: number } | { now: number; id: null; number: null }

/** An answer that took longer says too little about the database's clock. */
const PROMPT_MS = 1000

const rowOf = ({ id, roomId, sender, textJson, sent }: Draft) => ({
  id,
  room_id: roomId,
  account_id: sender.id,
  username: sender.username,
  via: sender.via ?? null,
  text_json: textJson,
  sent: new Date(sent).toISOString(),
})

/** Nobody waits for these so long, but an answer that comes later still than this is none. */
const ONCE_WITHIN_MS = 60_000

export interface Writes extends WriterStore {
  /**
   * Stores, in this order and at once, what is not stored yet, and answers the numbers by id of all that is. Rejects
   * where another process stores one of them at the same moment, too: then they are to be tried again.
   */
  appendOnce(drafts: readonly Draft[]): Promise<Map<string, number>>
}

export interface WritesOptions {
  client: Client
  database: Pick<Database, 'query'>
  /** Milliseconds since the epoch, by this process' clock. */
  now(): number
}

export async function createWrites({ client, database, now }: WritesOptions): Promise<Writes> {
  /** How far the database's clock is ahead of this process', milliseconds. */
  let ahead = 0

  function compare(databaseNow: number, askedAt: number): void {
    const answeredAt = now()
    if (answeredAt - askedAt < PROMPT_MS) ahead = databaseNow - answeredAt
  }

  const askedAt = now()
  const [first] = await database.query<{ now: number }>(NOW, [])
  if (first) compare(first.now, askedAt)

  async function write(statement: Statement, drafts: readonly Draft[], withinMs: number) {
    const askedAt = now()
    const deadline = new Date(askedAt + ahead + withinMs).toISOString()
    const rows = await database.query<Appended>(statement, [JSON.stringify(drafts.map(rowOf)), deadline])
    if (rows[0]) compare(rows[0].now, askedAt)
    return new Map(rows.flatMap(({ id, number }) => (id === null ? [] : [[id, number] as const])))
  }

  async function numbersOf(ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await client.message.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, number: true },
    })
    return new Map(rows.map(({ id, number }) => [id, number]))
  }

  return {
    append: (drafts, withinMs) => write(APPEND, drafts, withinMs),
    async appendOnce(drafts) {
      const numbers = await write(APPEND_ONCE, drafts, ONCE_WITHIN_MS)
      const known = drafts.map(({ id }) => id).filter((id) => !numbers.has(id))
      for (const [id, number] of known.length > 0 ? await numbersOf(known) : []) numbers.set(id, number)
      return numbers
    },
    numbersOf,
    async remove(ids) {
      await client.message.deleteMany({ where: { id: { in: [...ids] } } })
    },
  }
}
