import { METHODS } from '@switchboard/protocol/relay'
import type { Incoming } from '../../src/domain/incoming.ts'
import type { Queue } from '../../src/domain/ports.ts'

export const request = (path: string): Incoming => ({
  id: path,
  receivedAt: 0,
  method: METHODS[0],
  url: path,
  headers: {},
  body: undefined,
})

/** A queue in memory, of one token, as one process has it. */
export class FakeQueue implements Queue {
  readonly #kept: { rows: { seq: bigint; incoming: Incoming }[]; last: bigint }
  #newest: Promise<unknown> = Promise.resolve()
  /** Reads and appends wait for it. */
  gate: Promise<unknown> = Promise.resolve()
  /** Appends wait for it. */
  appendGate: Promise<unknown> = Promise.resolve()

  /** @param other The same queue in another process. */
  constructor(other?: FakeQueue) {
    this.#kept = other ? other.#kept : { rows: [], last: 0n }
  }

  get rows() {
    return this.#kept.rows
  }

  append(_token: string, incoming: Incoming): Promise<boolean> {
    const appended = Promise.all([this.gate, this.appendGate]).then(() => {
      this.rows.push({ seq: ++this.#kept.last, incoming })
      return true
    })
    this.#newest = appended
    return appended
  }

  async read(_token: string, after: bigint) {
    await this.gate
    return this.rows.filter(({ seq }) => seq > after).slice(0, 2)
  }

  async settled(): Promise<void> {
    await this.#newest.catch(() => {})
  }

  async remove(_token: string, seqs: readonly bigint[]): Promise<void> {
    this.#kept.rows = this.rows.filter(({ seq }) => !seqs.includes(seq))
  }
}
