/** Most that one socket may leave unparsed, bytes. */
const CARRY_MAX = 8 * 1024 * 1024
/** Most that one read takes, bytes. */
const READ_MAX = 256 * 1024

/** One buffer for the reads of all sockets, so that a read allocates nothing. */
export class ReadArea {
  readonly bytes = Buffer.allocUnsafe(CARRY_MAX + READ_MAX)
  /** What sockets read into; there is room before it for what one left unparsed. */
  readonly target = this.bytes.subarray(CARRY_MAX)
}

/** Parses `bytes[at..end)`, which are there until it returns, and answers where it stopped; what follows comes again. */
export type Consume = (bytes: Buffer, at: number, end: number) => number

/** The bytes of one socket, as whole as its parser wants them. */
export class Inflow {
  readonly #area: ReadArea
  readonly #consume: Consume
  #carry: Buffer | undefined
  #carried = 0

  constructor(area: ReadArea, consume: Consume) {
    this.#area = area
    this.#consume = consume
  }

  /** `length` bytes were read into the area's target. */
  take(length: number): void {
    const { bytes } = this.#area
    const start = CARRY_MAX - this.#carried
    const end = CARRY_MAX + length
    if (this.#carried > 0) this.#carry?.copy(bytes, start, 0, this.#carried)
    const stopped = this.#consume(bytes, start, end)
    this.#carried = end - stopped
    if (this.#carried > CARRY_MAX) throw new Error('a message is larger than any that is expected')
    if (this.#carried > 0) this.#keep(stopped, end)
  }

  #keep(from: number, to: number): void {
    if (this.#carry === undefined || this.#carry.length < to - from)
      this.#carry = Buffer.allocUnsafe((to - from) * 2)
    this.#area.bytes.copy(this.#carry, 0, from, to)
  }
}
