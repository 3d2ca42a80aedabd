import { fromParcel, type Incoming, type Parcel, toParcel } from './incoming.ts'
import type { Queue } from './ports.ts'

/** Where parcels are kept. */
interface Parcels {
  append(token: string, parcel: Parcel): Promise<boolean>
  read(token: string, after: bigint, limit: number): Promise<({ seq: bigint } & Parcel)[]>
  remove(token: string, seqs: readonly bigint[]): Promise<void>
  settled(): Promise<void>
}

/** Requests that are written to a client before the first of them must be acknowledged; 16 of 2 MiB is 32 MiB. */
const WINDOW = 16

/** The queue, made of a place that knows bytes only. */
export function createQueue(parcels: Parcels): Queue {
  return {
    append: (token, incoming) => parcels.append(token, toParcel(incoming)),
    remove: (token, seqs) => parcels.remove(token, seqs),
    settled: () => parcels.settled(),
    async read(token, after) {
      const rows = await parcels.read(token, after, WINDOW)
      return rows.flatMap(({ seq, ...parcel }): { seq: bigint; incoming: Incoming }[] => {
        const incoming = fromParcel(parcel)
        return incoming.ok ? [{ seq, incoming: incoming.value }] : []
      })
    },
  }
}
