import type { Client } from './client.ts'
import type { Parcel, QueueLimits, QueueOptions, QueueStore } from './store.ts'
import { createWriter } from './writer.ts'

type Transaction = Parameters<Parameters<Client['$transaction']>[0]>[0]

interface Append {
  token: string
  parcel: Parcel
}

/** Parcels that go into one transaction. */
const BATCH = 64
/** Rows that are looked at in one go when the queue as a whole is full. */
const DROP_STEP = 1_000

const bytesOf = ({ head, body }: Parcel): number => Buffer.byteLength(head) + (body?.length ?? 0)
const sum = (rows: readonly { bytes: number }[]): number => rows.reduce((all, { bytes }) => all + bytes, 0)

/** Locks the queue for this transaction, so that numbers are given in the order of commits, and answers its bytes. */
async function lock(tx: Transaction): Promise<number> {
  const [row] = await tx.$queryRaw<{ bytes: bigint }[]>`SELECT bytes FROM relay.queue WHERE id = 1 FOR UPDATE`
  return Number(row?.bytes ?? 0)
}

const setTotal = (tx: Transaction, bytes: number) =>
  tx.queue.update({ where: { id: 1 }, data: { bytes: BigInt(bytes) } })

/** Drops what is older than the newest that fit. */
const dropOf = (tx: Transaction, token: string, { requests, bytes }: QueueLimits) =>
  tx.$queryRaw<{ bytes: number }[]>`
    DELETE FROM relay.request WHERE seq IN (
      SELECT seq FROM (
        SELECT seq, row_number() OVER newest AS place, sum(bytes) OVER newest AS total
        FROM relay.request WHERE token = ${token} WINDOW newest AS (ORDER BY seq DESC)
      ) AS numbered WHERE place > ${requests} OR total > ${bytes}
    ) RETURNING bytes`

/** Drops the oldest of all until `excess` bytes are gone, or as many as one step looks at. */
const dropOldest = (tx: Transaction, excess: number) =>
  tx.$queryRaw<{ bytes: number }[]>`
    DELETE FROM relay.request WHERE seq IN (
      SELECT seq FROM (
        SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS before
        FROM (SELECT seq, bytes FROM relay.request ORDER BY seq LIMIT ${DROP_STEP}) AS oldest
      ) AS numbered WHERE before < ${excess}
    ) RETURNING bytes`

/** The requests that wait, in Postgres. */
export function createPostgresQueue(client: Client, { limits, now, dropped }: QueueOptions): QueueStore {
  /** Answers the tokens among them that live. */
  async function write(appends: readonly Append[]): Promise<Set<string>> {
    const { living, lost } = await client.$transaction(async (tx) => {
      let total = await lock(tx)
      const rows = await tx.token.findMany({
        where: { token: { in: appends.map(({ token }) => token) }, expiresAt: { gt: new Date(now()) } },
        select: { token: true },
      })
      const living = new Set(rows.map(({ token }) => token))
      const data = appends
        .filter(({ token }) => living.has(token))
        .map(({ token, parcel }) => ({
          token,
          head: parcel.head,
          body: parcel.body ? Uint8Array.from(parcel.body) : null,
          bytes: bytesOf(parcel),
        }))
      await tx.request.createMany({ data })
      total += sum(data)
      let lost = 0
      const drop = (rows: readonly { bytes: number }[]) => {
        lost += rows.length
        total -= sum(rows)
        return rows.length > 0
      }
      for (const token of living) drop(await dropOf(tx, token, limits))
      while (total > limits.totalBytes && drop(await dropOldest(tx, total - limits.totalBytes)));
      await setTotal(tx, total)
      return { living, lost }
    })
    if (lost > 0) dropped(lost)
    return living
  }

  const writer = createWriter<Append, Set<string>>(write, BATCH)

  return {
    async append(token, parcel) {
      return (await writer.add({ token, parcel })).has(token)
    },

    async read(token, after, limit) {
      await writer.settled()
      const rows = await client.request.findMany({
        where: { token, seq: { gt: after } },
        orderBy: { seq: 'asc' },
        take: limit,
        select: { seq: true, head: true, body: true },
      })
      return rows.map(({ seq, head, body }) => ({ seq, head, body: body ?? undefined }))
    },

    async remove(token, seqs) {
      const where = { token, seq: { in: [...seqs] } }
      await client.$transaction(async (tx) => {
        const total = await lock(tx)
        const rows = await tx.request.findMany({ where, select: { bytes: true } })
        await tx.request.deleteMany({ where })
        await setTotal(tx, total - sum(rows))
      })
    },

    async sweep() {
      const ended = { expiresAt: { lte: new Date(now()) } }
      if (!(await client.token.findFirst({ where: ended, select: { token: true } }))) return
      await client.$transaction(async (tx) => {
        const total = await lock(tx)
        const waiting = await tx.request.aggregate({ where: { owner: ended }, _sum: { bytes: true } })
        await tx.token.deleteMany({ where: ended })
        await setTotal(tx, total - (waiting._sum.bytes ?? 0))
      })
    },

    settled: () => writer.settled(),
  }
}
