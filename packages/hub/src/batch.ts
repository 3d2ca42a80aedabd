/**
 * Bytes on their way out: a list that only grows at its end. Connections that were sent the same since the turn began
 * hold the same list, so its bytes are joined once for all of them.
 */
export class Batch {
  readonly size: number
  readonly #own: Buffer
  readonly #before: Batch | undefined
  #joined: Buffer | undefined
  /** The lists that this one was put behind already, the last one first at hand. */
  #lastBefore: Batch | undefined
  #lastAfter: Batch | undefined
  #after: Map<Batch, Batch> | undefined

  constructor(own: Buffer, before?: Batch) {
    this.#own = own
    this.#before = before
    this.size = own.length + (before?.size ?? 0)
  }

  get bytes(): Buffer {
    if (this.#before === undefined) return this.#own
    this.#joined ??= Buffer.concat(this.#parts(), this.size)
    return this.#joined
  }

  /** `before`, then this; the same answer for the same `before`. Only for one that has nothing before it. */
  behind(before: Batch): Batch {
    if (this.#lastBefore === before && this.#lastAfter) return this.#lastAfter
    this.#after ??= new Map()
    const list = this.#after.get(before) ?? new Batch(this.#own, before)
    this.#after.set(before, list)
    this.#lastBefore = before
    this.#lastAfter = list
    return list
  }

  #parts(): Buffer[] {
    const parts: Buffer[] = []
    for (let list: Batch | undefined = this; list; list = list.#before) parts.push(list.#own)
    return parts.reverse()
  }
}
