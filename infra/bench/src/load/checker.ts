export interface CheckerOptions {
  /** Who hears: seat `i` is in group `groupOf[i]`. */
  groupOf: readonly number[]
  groups: number
  /** Publisher `p` speaks to the group `p % groups`. */
  publishers: number
  /** The seat of a publisher that is in its group and must not hear itself. */
  deafSeatOf(publisher: number): number | undefined
}

/** What became of the messages; all zero but `expected` and `delivered`, which are equal, where all is well. */
export interface Verdict {
  expected: number
  delivered: number
  lost: number
  doubled: number
  misordered: number
  /** Came to somebody in another group, or was never said. */
  foreign: number
}

/** Knows what was said and checks each delivery: everything once, in each publisher's order, to its group alone. */
export class Checker {
  expected = 0
  delivered = 0
  #doubled = 0
  #misordered = 0
  #foreign = 0
  readonly #options: CheckerOptions
  readonly #perGroup: number
  readonly #said: Uint32Array
  /** By seat and publisher of its group: the number that comes next. */
  readonly #next: Uint32Array
  readonly #audience: number[]
  /** What was skipped and may yet come, by place in {@link Checker.#next}. */
  readonly #skipped = new Map<number, Set<number>>()

  constructor(options: CheckerOptions) {
    const { groupOf, groups, publishers } = options
    this.#options = options
    this.#perGroup = Math.ceil(publishers / groups)
    this.#said = new Uint32Array(publishers)
    this.#next = new Uint32Array(groupOf.length * this.#perGroup)
    this.#audience = Array.from({ length: groups }, () => 0)
    for (const group of groupOf) this.#audience[group] = (this.#audience[group] ?? 0) + 1
  }

  get outstanding(): number {
    return this.expected - this.delivered
  }

  /** How many hear what the publisher says. */
  audienceOf(publisher: number): number {
    const all = this.#audience[publisher % this.#options.groups] ?? 0
    return this.#options.deafSeatOf(publisher) === undefined ? all : all - 1
  }

  /** The number of the message that the publisher says now. */
  say(publisher: number): number {
    const sequence = this.#said[publisher] as number
    this.#said[publisher] = sequence + 1
    this.expected += this.audienceOf(publisher)
    const deaf = this.#options.deafSeatOf(publisher)
    if (deaf !== undefined) this.#next[this.#place(deaf, publisher)] = sequence + 1
    return sequence
  }

  hear(seat: number, publisher: number, sequence: number): void {
    const { groupOf, groups } = this.#options
    if (publisher % groups !== groupOf[seat] || !(sequence < (this.#said[publisher] ?? 0))) {
      this.#foreign++
      return
    }
    const place = this.#place(seat, publisher)
    const next = this.#next[place] as number
    if (sequence === next) {
      this.#next[place] = next + 1
      this.delivered++
    } else if (sequence > next) this.#ahead(place, sequence)
    else this.#behind(place, sequence)
  }

  verdict(): Verdict {
    return {
      expected: this.expected,
      delivered: this.delivered,
      lost: this.outstanding,
      doubled: this.#doubled,
      misordered: this.#misordered,
      foreign: this.#foreign,
    }
  }

  #place(seat: number, publisher: number): number {
    return seat * this.#perGroup + Math.floor(publisher / this.#options.groups)
  }

  #ahead(place: number, sequence: number): void {
    const skipped = this.#skipped.get(place) ?? new Set()
    this.#skipped.set(place, skipped)
    for (let missing = this.#next[place] as number; missing < sequence; missing++) skipped.add(missing)
    this.#next[place] = sequence + 1
    this.delivered++
  }

  #behind(place: number, sequence: number): void {
    if (this.#skipped.get(place)?.delete(sequence)) {
      this.#misordered++
      this.delivered++
    } else this.#doubled++
  }
}
